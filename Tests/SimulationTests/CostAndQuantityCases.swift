import Testing

/// Cases computed by hand; `Script` explains the lines.
@Suite struct CostAndQuantityCases {
  @Test func aLongPaysFundingAtItsHourAndNotBeforeItsEntry() throws {
    // Entered at minute 60, whose settlement is not after the entry; minute 120 is paid on 2 × 110.
    // 1000 − 0.1 − 220 × 0.0001 + 20 − 0.11
    try Script.play(
      """
      funding 60 0.0005
      funding 61 0.0001
      candle 59  100  100  100  100
      send 1 entry buy 2
      candle 60  100  110  100  110
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 60
      candle 61  110  110  110  110
      > funding 0.0001 @ 110 paid 0.022 at 61
      send 2 time sell all
      candle 62  110  110  110  110
      > filled 2 sell 2 @ 110 fee 0.11 left 0 at 62
      cash 1019.768
      """)
  }

  @Test func aShortReceivesFundingAndPaysANegativeRate() throws {
    // + 200 × 0.0003, − 198 × 0.0001
    try Script.play(
      """
      funding 61 0.0003
      funding 62 -0.0001
      candle 59  100  100  100  100
      send 1 entry sell 2
      candle 60  100  100  100  100
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 60
      candle 61  100  100   99   99
      > funding 0.0003 @ 100 paid -0.06 at 61
      candle 62   99   99   99   99
      > funding -0.0001 @ 99 paid 0.0198 at 62
      cash 999.9402
      """)
  }

  @Test func fundingAtTheOpenAtWhichItEndsIsPaid() throws {
    // 1000 − 0.1 − 202 × 0.001 + 2 − 0.101
    try Script.play(
      """
      funding 61 0.001
      candle 59  100  100  100  100
      send 1 entry buy 2
      candle 60  100  101  100  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 60
      send 2 time sell all
      candle 61  101  101  101  101
      > funding 0.001 @ 101 paid 0.202 at 61
      > filled 2 sell 2 @ 101 fee 0.101 left 0 at 61
      cash 1001.597
      """)
  }

  @Test func fundingInsideACandleComesAfterItsOpenAndBeforeItsStop() throws {
    // Minute 60.5 lies in the entry candle, after the entry: charged at that candle's open, before the stop.
    try Script.play(
      """
      funding 60.5 0.001
      candle 59  100  100  100  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99
      candle 60  100  101   99  100
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 60
      > funding 0.001 @ 100 paid 0.2 at 60.5
      > filled 2 sell 2 @ 99 fee 0.099 left 0 at 61
      cash 997.601
      """)
  }

  @Test func fundingInAGapIsChargedAtTheLastCloseBefore() throws {
    // 2 × 98 × 0.001 = 0.196, before the stop through the gap at 95: 1000 − 0.1 − 0.196 − 10 − 0.095
    try Script.play(
      """
      funding 64 0.001
      candle 59  100  100  100  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 97
      candle 60  100  100   98   98
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 60
      candle 70   95   96   95   96
      > funding 0.001 @ 98 paid 0.196 at 64
      > filled 2 sell 2 @ 95 fee 0.095 left 0 at 70
      cash 989.609
      """)
  }

  @Test func aLongIsLiquidatedAtItsPrice() throws {
    // Leverage 5: margin 40, price (200 − 40) / (2 × 0.996) = 80.3212… → tick 80.3. Loss 39.4; of the fee
    // 160.6 × 0.0125 = 2.0075 only 40 − 39.4 = 0.6 is left. 1000 − 0.1 − 40
    try Script.play(
      """
      candle 0  100  100  100  100
      send 1 entry buy 2
      candle 1  100  100  80.4  90
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      candle 2   90   91  80.3  85
      > liquidated sell 2 @ 80.3 fee 0.6 at 3
      cash 959.9
      """)
  }

  @Test func aShortIsLiquidatedAndItsOrdersAreWithdrawn() throws {
    // (200 + 40) / (2 × 1.004) = 119.5219… → tick 119.6. Loss 39.2, left of the fee 0.8.
    try Script.play(
      """
      candle 0  100  100  100  100
      send 1 entry sell 2
      after 1: send 2 take buy all LIMIT 90
      after 1: send 3 add sell 1 LIMIT 130
      candle 1  100  119.5  100  110
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      candle 2  110  125  105  120
      > liquidated buy 2 @ 119.6 fee 0.8 at 3
      > cancelled 2 LIQUIDATION at 3
      > cancelled 3 LIQUIDATION at 3
      cash 959.9
      """)
  }

  @Test func aGapBeyondTheMarginCostsTheMarginAndNoMore() throws {
    // The open of 70 lies beyond the price of bankruptcy, 80: the loss is the margin of 40, no fee is left.
    try Script.play(
      """
      candle 0  100  100  100  100
      send 1 entry buy 2
      candle 1  100  100  90  90
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      candle 2   70   75   60   75
      > liquidated sell 2 @ 80 fee 0 at 2
      cash 959.9
      """)
  }

  @Test func aStopBeforeTheLiquidationPriceIsMetFirst() throws {
    try Script.play(
      """
      candle 0  100  100  100  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 80.5
      candle 1  100  100  70  90
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 sell 2 @ 80.5 fee 0.0805 left 0 at 2
      cash 960.8195
      """)
  }

  @Test func aStopBehindTheLiquidationPriceComesTooLate() throws {
    try Script.play(
      """
      candle 0  100  100  100  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 80.3
      candle 1  100  100  70  90
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > liquidated sell 2 @ 80.3 fee 0.6 at 2
      > cancelled 2 LIQUIDATION at 2
      cash 959.9
      """)
  }

  @Test func aPositionOpenedBeyondItsLiquidationPriceGoesAtTheMarket() throws {
    // A resting purchase at 100 that the open at 95 jumps over. Leverage 50: margin 4, liquidation at 98.39, bankruptcy
    // at 98, where the market is already past. Maker fee 200 × 0.0002.
    try Script.play(
      """
      set leverage=50
      candle 0  105  105  105  105
      send 1 entry buy 2 LIMIT 100
      candle 1  105  106  104  105
      candle 2   95   96   94   96
      > filled 1 buy 2 @ 100 fee 0.04 left 0 at 2
      > liquidated sell 2 @ 98 fee 0 at 3
      cash 995.96
      """)
  }

  @Test func partialExitsTakeTheirShare() throws {
    // 3 at 100: 0.15. 1 at 102: +2 − 0.051. 1 at 104: +4 − 0.052. The rest at 99: −1 − 0.0495.
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 3
      after 1: send 2 part sell 1 LIMIT 102
      after 1: send 3 part sell 1 LIMIT 104
      after 1: send 4 stop sell all STOP 99
      candle 1  100  104.1  99.5  103
      > filled 1 buy 3 @ 100 fee 0.15 left 0 at 1
      > filled 2 sell 1 @ 102 fee 0.051 left 0 at 2
      > filled 3 sell 1 @ 104 fee 0.052 left 0 at 2
      candle 2  103  103   98   98
      > filled 4 sell 1 @ 99 fee 0.0495 left 0 at 3
      cash 1004.6975
      """)
  }

  @Test func aClosingOrderLargerThanThePositionIsCut() throws {
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry sell 2
      candle 1  100  101   99  100
      > filled 1 sell 2 @ 100 fee 0.1 left 0 at 1
      send 2 part buy 5
      candle 2  100  101   99  100
      > filled 2 buy 2 @ 100 fee 0.1 left 3 at 2
      > cancelled 2 NOTHING_TO_CLOSE at 2
      cash 999.8
      """)
  }

  @Test func anEntryFillsOverThreeCandlesByVolume() throws {
    // A tenth of 20, 7.7 (0.77, floored to the step 0.7) and 50.
    try Script.play(
      """
      candle 0   99  100   99  100   1
      send 1 entry buy 4
      candle 1  100  101   99  101  20
      > filled 1 buy 2 @ 100 fee 0.1 left 2 at 1
      candle 2  101  102  100  102  7.7
      > filled 1 buy 0.7 @ 101 fee 0.03535 left 1.3 at 2
      candle 3  102  103  101  103  50
      > filled 1 buy 1.3 @ 102 fee 0.0663 left 0 at 3
      cash 999.79835
      """)
  }

  @Test func aStopLimitedByVolumeGoesOnAtTheNextOpen() throws {
    // Half of it at 99 × 0.999 = 98.901 → 98.9, the rest at the next open 97 × 0.999 = 96.903 → 96.9.
    try Script.play(
      """
      set stop_slippage=0.001
      candle 0   99  100   99  100  100
      send 1 entry buy 2
      after 1: send 2 stop sell all STOP 99
      candle 1  100  101   99.1  100  100
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      candle 2  100  100   98   98  10
      > filled 2 sell 1 @ 98.9 fee 0.04945 left 1 at 3
      candle 3   97  100   97  100  10
      > filled 2 sell 1 @ 96.9 fee 0.04845 left 0 at 3
      cash 995.6021
      """)
  }

  @Test func aCandleWithoutVolumeFillsNothing() throws {
    try Script.play(
      """
      candle 0   99  100   99  100  0
      send 1 entry buy 2
      candle 1  100  100  100  100  0
      candle 2  101  101  101  101  20
      > filled 1 buy 2 @ 101 fee 0.101 left 0 at 2
      cash 999.899
      """)
  }

  @Test func theRestOfAnEntryLapsesOverAGapAndTheRestOfACloseDoesNot() throws {
    try Script.play(
      """
      candle 0   99  100   99  100  10
      send 1 entry buy 2
      candle 1  100  100  100  100  10
      > filled 1 buy 1 @ 100 fee 0.05 left 1 at 1
      candle 3  100  100  100  100  10
      > cancelled 1 EXPIRED at 3
      send 2 time sell all
      candle 4  100  100  100  100  5
      > filled 2 sell 0.5 @ 100 fee 0.025 left 0.5 at 4
      candle 9  100  100  100  100  5
      > filled 2 sell 0.5 @ 100 fee 0.025 left 0 at 9
      cash 999.9
      """)
  }

  @Test func feesAreRoundedUp() throws {
    // 0.00000033 × 100.3 = 0.0000330990 → 3310 units. Taker 1.655 → 2 units, maker 0.662 → 1 unit.
    try Script.play(
      """
      set step=0.00000001 take_profit=maker
      candle 0   99  100   99  100
      send 1 entry buy 0.00000033
      after 1: send 2 take sell all LIMIT 100.4
      candle 1  100.3  100.4  100  100
      > filled 1 buy 0.00000033 @ 100.3 fee 0.00000002 left 0 at 1
      > filled 2 sell 0.00000033 @ 100.4 fee 0.00000001 left 0 at 2
      cash 1000
      """)
  }

  @Test func aMakersRebateIsRoundedAgainstTheTrader() throws {
    // 203 × −0.0002 = −0.0406 is received; of −0.662 units nothing is.
    try Script.play(
      """
      set maker=-0.0002 take_profit=maker
      candle 0   99  100   99  100
      send 1 entry buy 2
      after 1: send 2 take sell all LIMIT 101.5
      candle 1  100  102   99  101
      > filled 1 buy 2 @ 100 fee 0.1 left 0 at 1
      > filled 2 sell 2 @ 101.5 fee -0.0406 left 0 at 2
      cash 1002.9406
      """)
    try Script.play(
      """
      set maker=-0.0002 take_profit=maker step=0.00000001
      candle 0   99  100   99  100
      send 1 entry buy 0.00000033
      after 1: send 2 take sell all LIMIT 100.3
      candle 1  100  100.3  99  100
      > filled 1 buy 0.00000033 @ 100 fee 0.00000002 left 0 at 1
      > filled 2 sell 0.00000033 @ 100.3 fee 0 left 0 at 2
      cash 1000.00000008
      """)
  }

  @Test func anEntryByLimitRestsAndPaysTheMakerFee() throws {
    // Touched inside candle 2 at 98: 196 × 0.0002. Its take profit at 98.5, sent inside, needs the close beyond it.
    try Script.play(
      """
      candle 0   99  100   99  100
      send 1 entry buy 2 LIMIT 98
      after 1: send 2 take sell all LIMIT 98.5
      candle 1  100  101  98.1  100
      candle 2  100  101   98  98.4
      > filled 1 buy 2 @ 98 fee 0.0392 left 0 at 3
      candle 3  98.4  98.5  98.2  98.3
      > filled 2 sell 2 @ 98.5 fee 0.0985 left 0 at 4
      cash 1000.8623
      """)
  }

  @Test func anEntryByLimitThatTheOpenLiesBeyondTakes() throws {
    // A purchase up to 100 that arrives at 99 is worth no more than the market asks: 99 × 1.001 → 99.1.
    try Script.play(
      """
      set slippage=0.001
      candle 0   99  100   99  100
      send 1 entry buy 2 LIMIT 100
      candle 1   99  101   98  100
      > filled 1 buy 2 @ 99.1 fee 0.0991 left 0 at 1
      cash 999.9009
      """)
  }
}
