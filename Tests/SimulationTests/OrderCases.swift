import Testing

/// Cases computed by hand; `Script` explains the lines.
@Suite struct OrderCases {
  @Test func aLatencyOfOneCandleMeetsTheOpenAfterTheNext() throws {
    try Script.play(
      """
      set latency=60000
      candle 0   99  100   99  100
      send 1 entry buy 2
      candle 1  100  101   99  101
      candle 2  101  102  100  102
      > filled 1 buy 2 @ 101 fee 0.101 left 0 at 2
      cash 999.899
      """)
  }

  @Test func aLatencyJustBelowOneCandleMeetsTheNextOpen() throws {
    try Script.play(
      """
      set latency=59999
      candle 0   99  100   99  100
      send 1 entry buy 2
      candle 1  100  101   99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      cash 999.9
      """)
  }

  @Test func aLatencyOfTwoCandlesDelaysTheStopToo() throws {
    // The entry fills at minute 3; its stop, sent then, acts from minute 5 and fills at that open.
    try Script.play(
      """
      set latency=120000
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99
      candle 1  100  101   99  101
      candle 2  101  102  100  102
      candle 3  102  102   97   98
      > filled 1 buy 2 @ 102 fee 0.102 left 0 at 3
      candle 4   98   98   97   97
      candle 5   97   98   96   98
      > filled 2 sell 2 @ 97 fee 0.097 left 0 at 5
      cash 989.801
      """)
  }

  @Test func aCancelIsDelayedAsOrdersAre() throws {
    try Script.play(
      """
      set latency=60000
      candle 0   99  100   99  100
      send 1 entry buy 2 LIMIT 90
      send 2 entry buy 2 LIMIT 95
      candle 1  100  101   99  101
      cancel 1
      cancel 2
      candle 2  101  102   95  102
      > filled 2 buy 2 @ 95 fee 0.038 left 0 at 3
      candle 3  102  102   80  102
      > cancelled 1 REQUESTED at 3
      cash 999.962
      """)
  }

  @Test func cancelsOfWhatIsNotThereAreAnswered() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      cancel 7
      > rejected 7 UNKNOWN_ORDER
      send 8 entry buy 2
      cancel 8
      > cancelled 8 REQUESTED at 1
      cancel 8
      > rejected 8 UNKNOWN_ORDER
      send 9 entry buy 2
      candle 1  100  101   99  101
      > filled 9 buy 2 @ 100 fee 0.1 left 0 at 1
      cancel 9
      > rejected 9 UNKNOWN_ORDER
      cash 999.9
      """)
  }

  @Test func whatTheExchangeWouldRefuseIsRefused() throws {
    try Script.play(
      """
      set least=100
      candle 0   99  100   99  100
      send 1 entry buy 0.9
      > rejected 1 BELOW_MINIMUM_NOTIONAL
      send 2 entry buy 1.05
      > rejected 2 INVALID_QUANTITY
      send 3 entry buy 2 LIMIT 99.95
      > rejected 3 INVALID_PRICE
      send 4 entry buy all
      > rejected 4 INVALID_PURPOSE
      send 5 entry buy 1
      candle 1  100  101   99  101
      > filled 5 buy 1 @ 100 fee 0.05 left 0 at 1
      cash 999.95
      """)
  }

  @Test func anAddJoinsThePositionAndAnOppositeEntryDoesNot() throws {
    // 1 at 100 and 1 at 102: average 101. Sold at 103: 206 − 202 = 4 less 0.05, 0.051, 0.103.
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 1
      candle 1  100  102  100  102
      > filled 1 buy 1 @ 100 fee 0.05 left 0 at 1
      send 2 add buy 1
      send 3 entry sell 1
      candle 2  102  103  102  103
      > filled 2 buy 1 @ 102 fee 0.051 left 0 at 2
      > cancelled 3 OPPOSITE_POSITION at 2
      send 4 signal sell all
      candle 3  103  103  103  103
      > filled 4 sell 2 @ 103 fee 0.103 left 0 at 3
      cash 1003.796
      """)
  }

  @Test func anExitLeftOverFromAPositionClosesNothing() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 stop sell all STOP 98
      candle 1  100  101   97  101
      > cancelled 1 NOTHING_TO_CLOSE at 2
      cash 1000
      """)
  }

  @Test func anEntryByStopFillsWorseThanItsTrigger() throws {
    // 101 × 1.001 = 101.101 → 101.2. A stop sent then acts on the candle's whole range.
    try Script.play(
      """
      set stop_slippage=0.001
      candle 0   99  100   99  100
      send 1 entry buy 2 STOP 101
      after 1: send 2 stop sell all STOP 100
      candle 1  100  100.9  99  100
      candle 2  100.5  102  100  102
      > filled 1 buy 2 @ 101.2 fee 0.1012 left 0 at 3
      > filled 2 sell 2 @ 99.9 fee 0.0999 left 0 at 3
      cash 997.1989
      """)
  }

  @Test func aStopMovedToBreakEvenAfterAPartialExitActsAtOnce() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry sell 2
      after 1: send 2 part buy 1 LIMIT 98
      after 2: send 3 stop buy all STOP 100
      candle 1  100  100   98   99
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 buy 1 @ 98 fee 0.049 left 0 at 2
      > filled 3 buy 1 @ 100 fee 0.05 left 0 at 2
      cash 1001.801
      """)
  }
}
