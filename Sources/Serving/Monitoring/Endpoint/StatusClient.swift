import Diagnostics
import Glibc

/// A blocking HTTP GET from an endpoint on loopback; for a program that asks once and ends.
public struct StatusClient: Sendable {
  /// What came back.
  public struct Response: Equatable, Sendable {
    /// HTTP status code.
    public var status: Int
    /// Body bytes.
    public var body: [UInt8]
  }

  /// The endpoint's port on 127.0.0.1.
  public let port: UInt16
  /// Seconds until the whole answer must be there.
  public let timeout: Double

  private static let maximumBytes = 1 << 24

  /// Creates a client.
  /// - Parameter timeout: Seconds for the whole exchange; default 5.
  public init(port: UInt16, timeout: Double = 5) {
    self.port = port
    self.timeout = timeout
  }

  private var place: String { "127.0.0.1:\(port)" }

  /// Gets a path.
  /// - Throws: `TernError` of kind `temporary` when nothing answers in time, or not with HTTP.
  public func get(_ path: String) throws(TernError) -> Response {
    let deadline = StatusClient.now() + timeout
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("cannot open a socket: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    try wait(for: descriptor, until: deadline)
    try connectToLoopback(descriptor)
    let request = "GET \(path) HTTP/1.1\r\nHost: \(place)\r\nConnection: close\r\n\r\n"
    try send(Array(request.utf8), descriptor)
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      try wait(for: descriptor, until: deadline)
      let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(
          errno == EAGAIN ? "does not answer in time" : "stops answering: \(String(cString: strerror(errno)))"
        )
      }
      answer += chunk[..<count]
      guard answer.count <= StatusClient.maximumBytes else { throw failure("answers with too much") }
    }
    return try response(answer)
  }

  private func connectToLoopback(_ descriptor: Int32) throws(TernError) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      throw failure(
        errno == ECONNREFUSED ? "nothing answers" : "cannot be reached: \(String(cString: strerror(errno)))")
    }
  }

  private func send(_ bytes: [UInt8], _ descriptor: Int32) throws(TernError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw failure("cannot be asked: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Lets the next calls on the socket wait no longer than the deadline.
  private func wait(for descriptor: Int32, until deadline: Double) throws(TernError) {
    let left = deadline - StatusClient.now()
    guard left > 0 else { throw failure("does not answer in time") }
    var limit = timeval(tv_sec: Int(left), tv_usec: max(1, Int((left - left.rounded(.down)) * 1e6)))
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  private func response(_ bytes: [UInt8]) throws(TernError) -> Response {
    let blank: [UInt8] = [13, 10, 13, 10]
    guard let end = bytes.indices.dropLast(3).first(where: { bytes[$0..<$0 + 4].elementsEqual(blank) }) else {
      throw failure("does not answer with HTTP")
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw failure("does not answer with HTTP")
    }
    let body = Array(bytes[(end + 4)...])
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
      guard Int(parts[1].drop(while: { $0 == " " })) == body.count else {
        throw failure("breaks off in the middle of its answer")
      }
    }
    return Response(status: status, body: body)
  }

  private func failure(_ message: String) -> TernError {
    TernError(.temporary, message, file: place, expected: "a session's endpoint")
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
