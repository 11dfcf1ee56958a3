import Accounts
import Foundation
import Market
import Orders
import Testing

@testable import Risk

@Suite struct ApprovalTests {
  private func reduce(
    _ quantity: String, _ side: Side = .sell, _ kind: OrderKind = .market, price: String = "0",
    purpose: OrderPurpose = .signalExit, closes: Bool = false
  ) throws -> OrderIntent {
    OrderIntent(
      market: 0, purpose: purpose, side: side, kind: kind, quantity: try Quantity(quantity),
      price: try Price(price), closesPosition: closes)
  }

  /// Desks that hold 3 long, one for each state, with troubled data on top.
  private func desks() throws -> [Desk] {
    try RiskState.allCases.map { state in
      var limits = plainLimits()
      limits.volatilityShortBars = 2
      limits.volatilityNormalBars = 2
      limits.volatilityMinimumBars = 2
      let desk = try Desk(limits)
      try desk.hold("3")
      switch state {
      case .active: break
      case .reducing:
        for close in [100, 100.1, 100, 101, 99] {
          desk.risk.observe(close: close, market: 0, at: 0, afterGap: false)
        }
      case .halted: try desk.show("9800")
      case .shutdown: desk.risk.flatten(at: 0)
      }
      desk.risk.hold(market: 0, true)
      #expect(desk.risk.state == state)
      return desk
    }
  }

  @Test func reducingIsAllowedInEveryState() throws {
    for desk in try desks() {
      desk.prices[0] = .zero
      for purpose in OrderPurpose.allCases where !purpose.opens {
        for intent in [
          try reduce("0", purpose: purpose, closes: true), try reduce("1", purpose: purpose),
          try reduce("3", purpose: purpose),
          try reduce("2.999", .sell, .limit, price: "101", purpose: purpose),
          try reduce("0", .sell, .stopMarket, price: "99.5", purpose: purpose, closes: true),
        ] {
          let verdict = desk.approve(intent)
          #expect(verdict.order?.intent == intent && verdict.reason == nil)
        }
      }
      #expect(try desk.open("1", purpose: .add).order == nil)
    }
  }

  @Test func aReductionFitsWhatIsHeld() throws {
    for desk in try desks() {
      let more = desk.approve(try reduce("3.001"))
      #expect(try more.order?.intent.quantity == Quantity("3") && more.reason == .moreThanHeld)
      for (intent, reason) in [
        (try reduce("1", .buy), RiskReason.wrongSide), (try reduce("0", .buy, closes: true), .wrongSide),
        (try reduce("0"), .badQuantity), (try reduce("-1"), .badQuantity),
        (try reduce("0.0005"), .badQuantity),
        (try reduce("1", closes: true), .badQuantity), (try reduce("1", price: "100"), .badPrice),
        (try reduce("1", .sell, .limit), .badPrice), (try reduce("1", .sell, .limit, price: "-1"), .badPrice),
        (try reduce("1", .sell, .limit, price: "100.05"), .badPrice),
        (try reduce("1", .sell, .stopMarket), .badPrice),
      ] {
        #expect(desk.approve(intent) == .rejected(reason))
      }
      try desk.close()
      #expect(desk.approve(try reduce("1")) == .rejected(.nothingToReduce))
      #expect(desk.approve(try reduce("0", closes: true)) == .rejected(.nothingToReduce))
    }
  }

  @Test func openingsThatCannotBe() throws {
    let desk = try Desk(terms: [plainTerms(), plainTerms()])
    func opening(
      _ quantity: String, _ kind: OrderKind = .market, price: String = "0", market: Int = 0,
      closes: Bool = false
    ) throws -> OrderIntent {
      OrderIntent(
        market: market, purpose: .entry, side: .buy, kind: kind, quantity: try Quantity(quantity),
        price: try Price(price), closesPosition: closes,
        protection: Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015")))
    }
    for (intent, reason) in [
      (try opening("0"), RiskReason.badQuantity), (try opening("-1"), .badQuantity),
      (try opening("1.0005"), .badQuantity), (try opening("1", market: 2), .unknownMarket),
      (try opening("1", market: -1), .unknownMarket), (try opening("1", closes: true), .badOrder),
      (try opening("1", price: "100"), .badPrice), (try opening("1", .limit), .badPrice),
      (try opening("1", .limit, price: "99.95"), .badPrice),
      (try opening("1", .stopMarket, price: "-100"), .badPrice),
    ] {
      #expect(desk.approve(intent) == .rejected(reason))
    }
    desk.prices[0] = .zero
    #expect(desk.approve(try opening("1")) == .rejected(.noPrice))
    desk.prices[0] = try Price("100")
    desk.risk.hold(market: 0, true)
    #expect(desk.approve(try opening("1")) == .rejected(.dataHold))
    #expect(desk.approve(try opening("1", market: 1)).reason == nil)
    desk.risk.hold(market: 0, false)
    try desk.hold("1")
    #expect(try desk.open("1", .sell) == .rejected(.wrongSide))
  }

  /// A limit order is judged at its limit, which is the worst a buyer pays, or at the close; a stop beyond its trigger.
  @Test func pricesOfOpeningsBoundTheirSize() throws {
    var limits = RiskLimits()
    limits.slippageAllowance = try Rate("0.01")
    for (kind, side, price, quantity) in [
      (OrderKind.limit, Side.buy, "80", "40"),
      // At most 4000 at 125, and 25 each lost at once on the way up: (q · 125 / 5) ≤ 0.08 · (10000 − 25 q).
      (.limit, .buy, "125", "29.629"),
      // A sale at 125 may fill up to 126.3 (the next tick), and loses nothing by it: q · 126.3 / 5 ≤ 800.
      (.limit, .sell, "125", "31.67"),
      // A stop at 125 fills up to 126.3: q · 126.3 / 5 ≤ 0.08 · (10000 − 26.3 q).
      (.stopMarket, .buy, "125", "29.235"),
    ] {
      let desk = try Desk(limits)
      let verdict = desk.approve(
        OrderIntent(
          market: 0, purpose: .entry, side: side, kind: kind, quantity: try Quantity("1000"),
          price: try Price(price),
          protection: Protection(stopLoss: try Rate("0.005"), takeProfit: try Rate("0.015"))))
      #expect(verdict.order?.intent.quantity.description == quantity, "\(kind.name) \(side.name) \(price)")
      #expect(verdict.reason == .marginLimit)
    }
  }

  @Test func oneOpeningAtATimeInAMarket() throws {
    let desk = try Desk()
    let first = try #require(try desk.open("1").order)
    #expect(first.identifier == OrderIdentifier(1))
    #expect(try desk.open("1") == .rejected(.openingPending))
    #expect(
      desk.risk.headroom(market: 0, direction: .long, account: desk.account, price: desk.prices[0]).reason
        == .openingPending)
    try desk.fill(first, quantity: Quantity("0.5"))
    #expect(try desk.open("1", purpose: .add) == .rejected(.openingPending))
    desk.risk.observe(ended: OrderIdentifier(7))
    #expect(try desk.open("1", purpose: .add) == .rejected(.openingPending))
    desk.risk.observe(ended: first.identifier)
    let second = try #require(try desk.open("1", purpose: .add).order)
    #expect(second.identifier == OrderIdentifier(2))
    try desk.fill(second)
    #expect(try desk.open("1", purpose: .add).reason == nil)
  }

  /// Code outside the module that makes an `ApprovedOrder` itself does not compile; the same code that asks risk does.
  @Test func bypassingRiskDoesNotCompile() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let modules = root.appendingPathComponent(".build/release/Modules")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let compiler = path.split(separator: ":").map { "\($0)/swiftc" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let compiler, FileManager.default.fileExists(atPath: "\(modules.path)/Risk.swiftmodule") else {
      print("skipped: no compiler or no built module beside the tests")
      return
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func compile(_ body: String) throws -> (status: Int32, text: String) {
      let file = folder.appendingPathComponent("Caller.swift")
      let head = "import Accounts\nimport Market\nimport Orders\nimport Risk\n"
      try Data((head + body).utf8).write(to: file)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: compiler)
      process.arguments = ["-typecheck", "-swift-version", "6", "-I", modules.path, file.path]
      let pipe = Pipe()
      process.standardError = pipe
      process.standardOutput = pipe
      try process.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }
    let asking = try compile(
      """
      func send(_ intent: OrderIntent, _ risk: inout RiskManager, _ account: Account) -> ApprovedOrder? {
        risk.approve(intent, account: account, price: Price(units: 1), at: 0).order
      }
      """)
    #expect(asking.status == 0, "\(asking.text)")
    for (bypass, complaint) in [
      (
        "func send(_ intent: OrderIntent) -> ApprovedOrder {\n"
          + "  ApprovedOrder(identifier: OrderIdentifier(1), intent: intent, time: 0)\n}",
        "'ApprovedOrder' initializer is inaccessible due to 'internal' protection level"
      ),
      (
        "func send(_ order: ApprovedOrder, _ intent: OrderIntent) -> ApprovedOrder {\n"
          + "  var order = order\n  order.intent = intent\n  return order\n}",
        "'intent' is a 'let' constant"
      ),
      (
        "extension ApprovedOrder {\n  init(_ intent: OrderIntent) {\n"
          + "    self.intent = intent\n    identifier = OrderIdentifier(1)\n    time = 0\n  }\n}",
        "'let' property"
      ),
    ] {
      let result = try compile(bypass)
      #expect(result.status != 0 && result.text.contains(complaint), "\(result.text)")
    }
  }
}
