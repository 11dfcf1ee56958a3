import Diagnostics
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP/1.1 server on loopback that shows a session: `/healthz`, `/readyz`, `/metrics`, `/status` and a page at `/`.
///
/// One thread of its own serves all connections; it only reads what the source last published, so that no client,
/// however slow or hostile, can hold up a decision. It answers GET and HEAD, and nothing but loopback names as `Host`,
/// so that no web page can reach it through a name of its own (DNS rebinding).
public final class StatusEndpoint: Sendable {
  /// How the endpoint listens.
  public struct Configuration: Codable, Equatable, Sendable {
    /// `127.0.0.1`, `::1` or `localhost` (which is 127.0.0.1); default `127.0.0.1`.
    public var address = "127.0.0.1"
    /// Port; 0 takes any free one; default 0.
    public var port = 0
    /// Connections at a time, more are closed at once; default 256.
    public var maximumConnections = 256
    /// Bytes of a request's line and headers; default 8,192.
    public var maximumHeadBytes = 8_192
    /// Bytes of a request's body, which is passed over; default 4,096.
    public var maximumBodyBytes = 4_096
    /// Seconds from one answered request to the next, after which a connection is closed; default 15.
    public var idleTimeout = 15.0

    enum CodingKeys: String, CodingKey, CaseIterable {
      case address, port
      case maximumConnections = "maximum_connections"
      case maximumHeadBytes = "maximum_head_bytes"
      case maximumBodyBytes = "maximum_body_bytes"
      case idleTimeout = "idle_timeout"
    }

    /// The defaults.
    public init() {}

    /// Reads a configuration; absent keys have their defaults.
    public init(from decoder: any Decoder) throws {
      try decoder.rejectUnknownKeys(CodingKeys.self)
      let values = try decoder.container(keyedBy: CodingKeys.self)
      address = try values.decodeIfPresent(String.self, forKey: .address) ?? address
      port = try values.decodeIfPresent(Int.self, forKey: .port) ?? port
      maximumConnections =
        try values.decodeIfPresent(Int.self, forKey: .maximumConnections) ?? maximumConnections
      maximumHeadBytes = try values.decodeIfPresent(Int.self, forKey: .maximumHeadBytes) ?? maximumHeadBytes
      maximumBodyBytes = try values.decodeIfPresent(Int.self, forKey: .maximumBodyBytes) ?? maximumBodyBytes
      idleTimeout = try values.decodeIfPresent(Double.self, forKey: .idleTimeout) ?? idleTimeout
      try validate()
    }

    /// Refuses what cannot work, and every address that other machines can reach.
    /// - Throws: `TernError` of kind `configuration` naming the key.
    public func validate() throws(TernError) {
      guard ["127.0.0.1", "::1", "localhost"].contains(address) else {
        throw TernError(
          .configuration, "the endpoint listens on loopback only", key: "address", found: "\"\(address)\"",
          expected: "127.0.0.1, ::1 or localhost")
      }
      try Configuration.check(port, "port", 0...65_535)
      try Configuration.check(maximumConnections, "maximum_connections", 1...10_000)
      try Configuration.check(maximumHeadBytes, "maximum_head_bytes", 256...65_536)
      try Configuration.check(maximumBodyBytes, "maximum_body_bytes", 0...1_048_576)
      guard idleTimeout >= 0.05, idleTimeout <= 3_600 else {
        throw TernError(
          .configuration, "is out of range", key: "idle_timeout", found: "\(idleTimeout)",
          expected: "0.05 to 3600 seconds")
      }
    }

    private static func check(_ value: Int, _ key: String, _ range: ClosedRange<Int>) throws(TernError) {
      guard range.contains(value) else {
        throw TernError(
          .configuration, "is out of range", key: key, found: "\(value)",
          expected: "\(range.lowerBound) to \(range.upperBound)")
      }
    }
  }

  /// The port that is listened on.
  public let port: Int
  /// Where the page is: `http://127.0.0.1:PORT/`.
  public let url: String

  private let connections: ConnectionCount
  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel
  private let isRunning = Mutex(true)

  /// Starts listening.
  /// - Throws: `TernError` of kind `configuration` for a bad configuration or a port that may not be taken, `temporary`
  ///   when the port is in use.
  public init(_ configuration: Configuration = Configuration(), source: any StatusSource) throws(TernError) {
    try configuration.validate()
    let address = configuration.address == "localhost" ? "127.0.0.1" : configuration.address
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let connections = ConnectionCount(limit: configuration.maximumConnections)
    let responder = Responder(source: source)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        guard connections.add() else { return channel.close() }
        channel.closeFuture.whenComplete { _ in connections.remove() }
        return channel.eventLoop.makeCompletedFuture {
          let budget = HeadBudget(limit: configuration.maximumHeadBytes)
          var limits = NIOHTTPDecoderLimitConfiguration()
          limits.maxHeaderFieldSize = configuration.maximumHeadBytes
          limits.maxHeaderListSize = configuration.maximumHeadBytes
          limits.maxHeaderFieldCount = 64
          let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
            limitConfiguration: limits)
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(HeadLimiter(budget))
          try pipeline.addHandler(HTTPResponseEncoder())
          try pipeline.addHandler(ByteToMessageHandler(decoder))
          try pipeline.addHandler(ExchangeHandler(configuration, budget, responder))
        }
      }
    do {
      channel = try bootstrap.bind(host: address, port: configuration.port).wait()
    } catch {
      try? group.syncShutdownGracefully()
      throw StatusEndpoint.explanation(of: error, configuration)
    }
    self.group = group
    self.connections = connections
    port = channel.localAddress?.port ?? configuration.port
    url = "http://\(address == "::1" ? "[::1]" : address):\(port)/"
  }

  deinit { stop() }

  /// Number of connections that are open now.
  public var openConnections: Int { connections.open }

  /// Stops listening, closes every connection and ends the thread. Further calls do nothing.
  public func stop() {
    let wasRunning = isRunning.withLock { isRunning in
      defer { isRunning = false }
      return isRunning
    }
    guard wasRunning else { return }
    try? channel.close().wait()
    try? group.syncShutdownGracefully()
  }

  private static func explanation(of error: any Error, _ configuration: Configuration) -> TernError {
    let place = "\(configuration.address):\(configuration.port)"
    guard let error = error as? IOError else {
      return TernError(.internalFailure, "cannot listen: \(error)", key: "port", found: place)
    }
    switch error.errnoCode {
    case EADDRINUSE:
      return TernError(
        .temporary, "the port is in use", key: "port", found: place, expected: "a free port, or 0")
    case EACCES:
      return TernError(
        .configuration, "the port may not be taken", key: "port", found: place,
        expected: "1024 or above, or 0")
    case EADDRNOTAVAIL, EAFNOSUPPORT:
      return TernError(.configuration, "this machine has no such address", key: "address", found: place)
    default: return TernError(.internalFailure, "cannot listen: \(error)", key: "port", found: place)
    }
  }
}

/// Connections that are open now.
private final class ConnectionCount: Sendable {
  private let count = Atomic(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Counts a connection in, or says that there are too many.
  func add() -> Bool {
    guard count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
    count.wrappingSubtract(1, ordering: .relaxed)
    return false
  }

  func remove() { count.wrappingSubtract(1, ordering: .relaxed) }

  var open: Int { count.load(ordering: .relaxed) }
}
