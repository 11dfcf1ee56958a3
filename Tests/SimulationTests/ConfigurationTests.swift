import Diagnostics
import Foundation
import Market
import Testing

@testable import Simulation

@Suite struct ConfigurationTests {
  private func read(_ text: String) throws -> SimulatedVenue.Configuration {
    try JSONDecoder().decode(SimulatedVenue.Configuration.self, from: Data(text.utf8))
  }

  @Test func keysAreReadAndMissingOnesTakeTheirDefaults() throws {
    #expect(try read("{}") == SimulatedVenue.Configuration())
    let all = try read(
      """
      {"slippage": "0.0002", "stop_slippage": 0.0003, "take_profit_liquidity": "maker", "volume_share": 0.05,
       "latency": 250, "maximum_open_orders": 10}
      """)
    #expect(
      all
        == SimulatedVenue.Configuration(
          slippage: try Rate("0.0002"), stopSlippage: try Rate("0.0003"), takeProfitLiquidity: .maker,
          volumeShare: try Rate("0.05"), latency: 250, maximumOpenOrders: 10))
    let again = try JSONDecoder().decode(
      SimulatedVenue.Configuration.self, from: try JSONEncoder().encode(all))
    #expect(again == all)
    #expect(throws: TernError.self) { try read(#"{"slipage": 0.1}"#) }
  }

  @Test func valuesOutOfRangeAreNamed() throws {
    for (text, key) in [
      (#"{"slippage": -0.1}"#, "slippage"), (#"{"stop_slippage": 0.1}"#, "stop_slippage"),
      (#"{"volume_share": 1.1}"#, "volume_share"), (#"{"latency": -1}"#, "latency"),
      (#"{"maximum_open_orders": 0}"#, "maximum_open_orders"),
    ] {
      let configuration = try read(text)
      let error = #expect(throws: TernError.self) { try configuration.validate() }
      #expect(error?.key == key && error?.kind == .configuration)
    }
  }
}
