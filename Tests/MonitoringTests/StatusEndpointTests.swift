import Diagnostics
import Foundation
import Monitoring
import Synchronization
import Testing

/// A source whose answers tests choose.
final class FixedSource: StatusSource {
  private let state = Mutex((health: Health.healthy, readiness: Readiness.ready))
  let largeStatus: [UInt8]?

  init(largeStatus: [UInt8]? = nil) { self.largeStatus = largeStatus }

  func set(_ health: Health, _ readiness: Readiness) { state.withLock { $0 = (health, readiness) } }
  func health() -> Health { state.withLock { $0.health } }
  func readiness() -> Readiness { state.withLock { $0.readiness } }
  func metrics() -> [UInt8] { Array("# TYPE x gauge\nx 1\n".utf8) }
  func status() -> [UInt8] { largeStatus ?? Array("{\"state\":\"ACTIVE\"}".utf8) }
}

@Suite struct StatusEndpointTests {
  private func get(_ path: String, _ port: Int, method: String = "GET", extra: String = "") -> String? {
    let client = RawClient(port: port)
    client.send("\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\(extra)\r\n")
    return client.readToEnd()
  }

  private func body(_ answer: String?) -> String? {
    answer.flatMap { answer in answer.range(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } }
  }

  @Test func answersEveryRoute() throws {
    let source = FixedSource()
    let endpoint = try StatusEndpoint(source: source)
    defer { endpoint.stop() }
    #expect(endpoint.url == "http://127.0.0.1:\(endpoint.port)/")
    let health = try #require(get("/healthz", endpoint.port))
    #expect(health.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(body(health) == "{\"status\":\"healthy\"}\n")
    #expect(body(get("/readyz", endpoint.port)) == "{\"status\":\"ready\"}\n")
    source.set(.unhealthy("stuck \"here\"\n"), .waiting("warming up"))
    let sick = try #require(get("/healthz", endpoint.port))
    #expect(sick.hasPrefix("HTTP/1.1 503 "))
    #expect(body(sick) == "{\"status\":\"unhealthy\",\"reason\":\"stuck \\\"here\\\"\\u000a\"}\n")
    let waiting = try #require(get("/readyz?x=1", endpoint.port))
    #expect(waiting.hasPrefix("HTTP/1.1 503 "))
    #expect(waiting.contains("warming up"))
    let metrics = try #require(get("/metrics", endpoint.port))
    #expect(metrics.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
    #expect(body(metrics) == "# TYPE x gauge\nx 1\n")
    #expect(body(get("/status", endpoint.port)) == "{\"state\":\"ACTIVE\"}")
    let page = try #require(get("/", endpoint.port))
    #expect(page.contains("Content-Type: text/html; charset=utf-8\r\n"))
    #expect(page.contains("default-src 'none'"))
    #expect(page.contains("<title>tern-serve</title>"))
  }

  @Test func thePageNeedsNothingFromElsewhere() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let page = try #require(body(get("/", endpoint.port)))
    for reference in ["http://", "https://", "src=", "@import", "url(", "innerHTML"] {
      #expect(!page.contains(reference), "\(reference)")
    }
  }

  @Test func headSendsTheHeadersAlone() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let answer = try #require(get("/status", endpoint.port, method: "HEAD"))
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.contains("Content-Length: 18\r\n"))
    #expect(body(answer) == "")
  }

  @Test func refusesOtherMethodsAndPaths() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
      let answer = try #require(get("/status", endpoint.port, method: method))
      #expect(answer.hasPrefix("HTTP/1.1 405 "), "\(method)")
      #expect(answer.contains("Allow: GET, HEAD\r\n"))
    }
    for path in ["/nothing", "/status/", "//", "/../etc/passwd", "/STATUS", "/%73tatus"] {
      let answer = try #require(get(path, endpoint.port))
      #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(path)")
      #expect(answer.contains("Content-Type: application/json\r\n"))
    }
  }

  @Test(arguments: [
    ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example:80", 421),
    ("192.168.1.4", 421),
    ("127.0.0.1:x", 421), ("", 421), ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:65535", 200),
    ("127.0.0.1", 200),
  ])
  func answersOnlyLoopbackNames(_ host: String, _ status: Int) throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let client = RawClient(port: endpoint.port)
    client.send("GET /status HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
    #expect(try #require(client.readToEnd()).hasPrefix("HTTP/1.1 \(status) "))
  }

  @Test(arguments: [
    ("GET /status HTTP/1.1\r\n\r\n", 400),
    ("GET /status HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
    ("GET http://localhost/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("hello\r\n\r\n", 400),
    ("GET /status HTTP/9.9\r\nHost: localhost\r\n\r\n", 400), ("GET /\u{0}\r\n\r\n", 400),
    (
      "GET /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      400
    ),
  ])
  func refusesWhatIsNotARequest(_ text: String, _ status: Int) throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let client = RawClient(port: endpoint.port)
    client.send(text)
    client.finish()
    let answer = try #require(client.readToEnd())
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
  }

  @Test func limitsTheSizeOfRequests() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let start = "GET /status HTTP/1.1\r\nHost: localhost\r\n"
    let long = String(repeating: "x", count: 20_000)
    for (text, status) in [
      ("\(start)X: \(long)\r\n\r\n", "431"),
      ("\(start)\((0..<2_000).map { "X\($0): 1\r\n" }.joined())\r\n", "431"),
      (start + String(repeating: "Y", count: 9_000), "431"),
      ("GET /\(long) HTTP/1.1\r\nHost: localhost\r\n\r\n", "4"),
      ("\(start)Content-Length: 5000\r\n\r\n\(long.prefix(5_000))", "413"),
    ] {
      let client = RawClient(port: endpoint.port)
      client.send(text)
      client.finish()
      #expect(try #require(client.readToEnd()).hasPrefix("HTTP/1.1 \(status)"))
    }
    // A body within the limit is passed over.
    let client = RawClient(port: endpoint.port)
    client.send("\(start)Connection: close\r\nContent-Length: 3\r\n\r\nabc")
    #expect(try #require(client.readToEnd()).hasPrefix("HTTP/1.1 200 "))
  }

  @Test func aClientThatStallsIsClosedAndHoldsUpNobody() throws {
    var configuration = StatusEndpoint.Configuration()
    configuration.idleTimeout = 1
    let endpoint = try StatusEndpoint(configuration, source: FixedSource())
    defer { endpoint.stop() }
    let silent = RawClient(port: endpoint.port)
    let halfway = RawClient(port: endpoint.port)
    halfway.send("GET /status HT")
    let answered = RawClient(port: endpoint.port)
    answered.send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(try #require(get("/healthz", endpoint.port)).hasPrefix("HTTP/1.1 200 "))
    #expect(silent.readToEnd() == "")
    #expect(halfway.readToEnd() == "")
    #expect(try #require(answered.readToEnd()).hasPrefix("HTTP/1.1 200 "))
  }

  @Test func aTrickleDoesNotKeepAConnection() throws {
    var configuration = StatusEndpoint.Configuration()
    configuration.idleTimeout = 0.3
    let endpoint = try StatusEndpoint(configuration, source: FixedSource())
    defer { endpoint.stop() }
    let client = RawClient(port: endpoint.port)
    var sent = 0
    for character in "GET /status HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "y", count: 200) {
      guard client.send(String(character)) else { break }
      sent += 1
      usleep(10_000)
    }
    // 0.3 s at 10 ms a byte is 30 bytes; the machine may be slow, but all 245 would take 2.4 s.
    #expect(sent < 200)
  }

  @Test func aClientThatNeverReadsHoldsUpNobody() throws {
    var configuration = StatusEndpoint.Configuration()
    configuration.idleTimeout = 0.3
    let large = [UInt8](repeating: 32, count: 4 << 20)
    let endpoint = try StatusEndpoint(configuration, source: FixedSource(largeStatus: large))
    defer { endpoint.stop() }
    let greedy = RawClient(port: endpoint.port)
    greedy.send(String(repeating: "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 100))
    for _ in 0..<20 { #expect(try #require(get("/healthz", endpoint.port)).hasPrefix("HTTP/1.1 200 ")) }
    usleep(1_500_000)
    // What its buffers took arrives, but never the 400 MB it asked for.
    #expect((greedy.readToEnd()?.utf8.count ?? 0) < 100 << 20)
  }

  @Test func answersPipelinedRequestsInOrder() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    let client = RawClient(port: endpoint.port)
    let paths = (0..<100).map { ["/healthz", "/status", "/none"][$0 % 3] }
    client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
    client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    let answer = try #require(client.readToEnd())
    let marks = answer.components(separatedBy: "HTTP/1.1 ").dropFirst().map {
      $0.contains("healthy")
        ? "/healthz" : $0.contains("ACTIVE") ? "/status" : $0.hasPrefix("404") ? "/none" : "/metrics"
    }
    #expect(marks == paths + ["/metrics"])
  }

  @Test func serves200ConnectionsAtOnceAndLeaksNone() throws {
    var configuration = StatusEndpoint.Configuration()
    configuration.idleTimeout = 600
    let endpoint = try StatusEndpoint(configuration, source: FixedSource())
    func settlesAt(_ count: Int) -> Bool {
      for _ in 0..<1_000 {
        if endpoint.openConnections == count { return true }
        usleep(10_000)
      }
      return false
    }
    do {
      let clients = (0..<200).map { _ in RawClient(port: endpoint.port) }
      for client in clients { #expect(client.isConnected) }
      for client in clients { client.send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n") }
      for client in clients { #expect(client.read { $0.hasSuffix("{\"state\":\"ACTIVE\"}") } != nil) }
      // A client that is not used any more may be closed at once.
      withExtendedLifetime(clients) { #expect(settlesAt(200)) }
    }
    #expect(settlesAt(0))
    endpoint.stop()
    #expect(!RawClient(port: endpoint.port).isConnected)
  }

  @Test func closesConnectionsAboveTheLimitAndRecovers() throws {
    var configuration = StatusEndpoint.Configuration()
    configuration.maximumConnections = 2
    let endpoint = try StatusEndpoint(configuration, source: FixedSource())
    defer { endpoint.stop() }
    do {
      let held = (0..<2).map { _ in RawClient(port: endpoint.port) }
      for client in held { client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") }
      for client in held { #expect(client.read { $0.contains("healthy") } != nil) }
      // Its thread may wait long for a processor when everything is tested at once.
      withExtendedLifetime(held) {
        #expect(RawClient(port: endpoint.port, timeout: 120).readToEnd() == "")
      }
    }
    var answer: String?
    for _ in 0..<100 where !(answer?.contains("healthy") ?? false) {
      usleep(10_000)
      answer = get("/healthz", endpoint.port)
    }
    #expect(answer?.hasPrefix("HTTP/1.1 200 ") ?? false)
  }

  @Test func stoppingClosesConnectionsAndFreesThePort() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    let client = RawClient(port: endpoint.port)
    client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(client.read { $0.contains("healthy") } != nil)
    endpoint.stop()
    endpoint.stop()
    #expect(client.readToEnd() == "")
    #expect(!RawClient(port: endpoint.port).isConnected)
    var configuration = StatusEndpoint.Configuration()
    configuration.port = endpoint.port
    let next = try StatusEndpoint(configuration, source: FixedSource())
    #expect(next.port == endpoint.port)
    next.stop()
  }

  @Test func namesWhyItCannotListen() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    defer { endpoint.stop() }
    var configuration = StatusEndpoint.Configuration()
    configuration.port = endpoint.port
    let taken = try #require(throws: TernError.self) {
      try StatusEndpoint(configuration, source: FixedSource())
    }
    #expect(taken.kind == .temporary)
    for address in ["0.0.0.0", "::", "192.168.0.1", "example.com", ""] {
      configuration.address = address
      let refused = try #require(throws: TernError.self) {
        try StatusEndpoint(configuration, source: FixedSource())
      }
      #expect(refused.kind == .configuration)
      #expect(refused.key == "address")
    }
  }

  @Test func readsItsConfigurationStrictly() throws {
    let decoder = JSONDecoder()
    let read = { (text: String) in
      try decoder.decode(StatusEndpoint.Configuration.self, from: Data(text.utf8))
    }
    #expect(try read("{}") == StatusEndpoint.Configuration())
    #expect(try read("{\"port\": 9100}").port == 9_100)
    for text in [
      "{\"prt\": 1}", "{\"port\": -1}", "{\"port\": 65536}", "{\"address\": \"0.0.0.0\"}",
      "{\"idle_timeout\": 0}",
    ] {
      #expect(throws: TernError.self) { try read(text) }
    }
  }

  @Test func heartbeatsExpire() throws {
    let heart = Heartbeat(limit: 0.5)
    #expect(heart.health() == .healthy)
    usleep(600_000)
    guard case .unhealthy = heart.health() else {
      Issue.record("a loop that stands still must be unhealthy")
      return
    }
    heart.beat()
    #expect(heart.health() == .healthy)
  }
}
