import Testing

/// Cases computed by hand; `Script` explains the lines. Every order at 100 of 2 pays 200 × 0.0005 = 0.1.
@Suite struct EntryAndExitCases {
  @Test func aPlainLong() throws {
    // 1000 − 0.1 + 2 × (102 − 100) − 204 × 0.0005
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      candle 1  100  103   99  102
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      send 2 time sell all
      candle 2  102  104  101  103
      > filled 2 sell 2 @ 102 fee 0.102 left 0 at 2
      cash 1003.798
      """)
  }

  @Test func aPlainShort() throws {
    // 1000 − 0.1 + 2 × (100 − 97) − 194 × 0.0005
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry sell 2
      candle 1  100  103   96   97
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      send 2 signal buy all
      candle 2   97   98   96   98
      > filled 2 buy 2 @ 97 fee 0.097 left 0 at 2
      cash 1005.803
      """)
  }

  @Test func slippageGoesToTheNextWorseTick() throws {
    // 100 × 1.0004 = 100.04 → 100.1; 102 × 0.9996 = 101.9592 → 101.9
    try Script.play(
      """
      set slippage=0.0004
      candle 0   99  100   99  100
      send 1 entry buy 2
      candle 1  100  103   99  102
      > filled 1 buy 2 @ 100.1 fee 0.1001 left 0 at 1
      send 2 time sell all
      candle 2  102  104  101  103
      > filled 2 sell 2 @ 101.9 fee 0.1019 left 0 at 2
      cash 1003.398
      """)
  }

  @Test func aStopExactlyAtItsPriceWithinTheEntryCandle() throws {
    // 99.5 × 0.999 = 99.4005 → 99.4; 198.8 × 0.0005 = 0.0994; 1000 − 0.1 − 1.2 − 0.0994
    try Script.play(
      """
      set stop_slippage=0.001
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99.5
      candle 1  100  101  99.5  100
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 sell 2 @ 99.4 fee 0.0994 left 0 at 2
      cash 998.6006
      """)
  }

  @Test func aStopOneTickBeforeIsNotTouched() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99.5
      candle 1  100  101  99.6  100
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      cash 999.9
      """)
  }

  @Test func aShortsStopExactlyAndOneTickBefore() throws {
    // 100.5 × 1.001 = 100.6005 → 100.7; 201.4 × 0.0005 = 0.1007; 1000 − 0.1 − 1.4 − 0.1007
    try Script.play(
      """
      set stop_slippage=0.001
      candle 0   99  100   99  100
      send 1 entry sell 2
      after 1: send 2 stop buy all STOP 100.5
      candle 1  100  100.4  99  100
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      candle 2  100  100.5  99  100
      > filled 2 buy 2 @ 100.7 fee 0.1007 left 0 at 3
      cash 998.3993
      """)
  }

  @Test func aStopThroughAGapFillsAtTheOpen() throws {
    // Minutes 2 to 4 are missing. 97 × 0.999 = 96.903 → 96.9; 193.8 × 0.0005; 1000 − 0.1 − 6.2 − 0.0969
    try Script.play(
      """
      set stop_slippage=0.001
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99.5
      candle 1  100  101  99.6  100
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      candle 5   97   98   96   98
      > filled 2 sell 2 @ 96.9 fee 0.0969 left 0 at 5
      cash 993.6031
      """)
  }

  @Test func aShortsStopThroughAGapFillsAtTheOpen() throws {
    // 103 × 1.001 = 103.103 → 103.2; 206.4 × 0.0005; 1000 − 0.1 − 6.4 − 0.1032
    try Script.play(
      """
      set stop_slippage=0.001
      candle 0   99  100   99  100
      send 1 entry sell 2
      after 1: send 2 stop buy all STOP 100.5
      candle 1  100  100.4  99  100
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      candle 2  103  104  102  103
      > filled 2 buy 2 @ 103.2 fee 0.1032 left 0 at 2
      cash 993.3968
      """)
  }

  @Test func aStopSentBehindTheMarketFillsAtTheMarketNotAtItsTrigger() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 100.5
      candle 1  100  101   99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 sell 2 @ 100 fee 0.1 left 0 at 2
      cash 999.8
      """)
  }

  @Test func aTakeProfitExactlyTouched() throws {
    // 1000 − 0.1 + 3 − 203 × 0.0005
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 take sell all LIMIT 101.5
      candle 1  100  101.5  99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 sell 2 @ 101.5 fee 0.1015 left 0 at 2
      cash 1002.7985
      """)
  }

  @Test func aTakeProfitOneTickBeforeIsNotTouched() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 take sell all LIMIT 101.5
      candle 1  100  101.4  99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      cash 999.9
      """)
  }

  @Test func aShortsTakeProfitOneTickBeforeAndTouched() throws {
    // 1000 − 0.1 + 3 − 197 × 0.0005
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry sell 2
      after 1: send 2 take buy all LIMIT 98.5
      candle 1  100  101  98.6  99
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      candle 2   99  100  98.5  99
      > filled 2 buy 2 @ 98.5 fee 0.0985 left 0 at 3
      cash 1002.8015
      """)
  }

  @Test func aTakeProfitThatTheOpenLiesBeyondFillsAtItsPriceNeverBetter() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 take sell all LIMIT 101.5
      candle 1  100  101  99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      candle 2  103  104  102  103
      > filled 2 sell 2 @ 101.5 fee 0.1015 left 0 at 2
      cash 1002.7985
      """)
  }

  @Test func bothBarriersInOneCandleCountAsTheStop() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99.5
      after 1: send 3 take sell all LIMIT 101.5
      after 2: cancel 3
      candle 1  100  102   99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 sell 2 @ 99.5 fee 0.0995 left 0 at 2
      > cancelled 3 REQUESTED at 2
      cash 998.8005
      """)
  }

  @Test func bothBarriersOfAShortInOneCandleCountAsTheStop() throws {
    // 201 × 0.0005; 1000 − 0.1 − 1 − 0.1005
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry sell 2
      after 1: send 2 take buy all LIMIT 98.5
      after 1: send 3 stop buy all STOP 100.5
      after 3: cancel 2
      candle 1  100  102   98   99
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      > filled 3 buy 2 @ 100.5 fee 0.1005 left 0 at 2
      > cancelled 2 REQUESTED at 2
      cash 998.7995
      """)
  }

  @Test func aStopGoesBeforeAPendingCloseAtTheSameOpen() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99.5
      candle 1  100  101  99.6  100
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      send 3 time sell all
      candle 2   99  100   98   99
      > filled 2 sell 2 @ 99 fee 0.099 left 0 at 2
      > cancelled 3 NOTHING_TO_CLOSE at 2
      cash 997.801
      """)
  }

  @Test func aReversalClosesBeforeItOpens() throws {
    // Long 2: −0.1 + 2 − 0.101; short 1 at 101: −0.0505; closed at 100.5: +0.5 − 0.05025
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      candle 1  100  102   99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      send 2 entry sell 1
      send 3 signal sell all
      candle 2  101  102  100  100.5
      > filled 3 sell 2 @ 101 fee 0.101 left 0 at 2
      > filled 2 sell 1 @ 101 fee 0.0505 left 0 at 2
      send 4 flatten buy all
      candle 3  100.5  101  100  101
      > filled 4 buy 1 @ 100.5 fee 0.05025 left 0 at 3
      cash 1002.19825
      """)
  }

  @Test func anEntryLapsesOverAGap() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2
      candle 3  100  103   99  102
      > cancelled 1 EXPIRED at 3
      cash 1000
      """)
  }

  @Test func aCloseSurvivesAGap() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry sell 2
      candle 1  100  101   99  100
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      send 2 time buy all
      candle 9   99  103   99  102
      > filled 2 buy 2 @ 99 fee 0.099 left 0 at 9
      cash 1001.801
      """)
  }
}
