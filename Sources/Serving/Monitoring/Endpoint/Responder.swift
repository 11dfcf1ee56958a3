import NIOCore
import NIOHTTP1

/// What a path answers, without a connection.
struct Responder: Sendable {
  struct Answer {
    var status: HTTPResponseStatus
    var type: String
    var body: ByteBuffer
    var headers: [(String, String)] = []
  }

  static let json = "application/json"

  private let source: any StatusSource
  private let page = ByteBuffer(string: StatusPage.html)

  init(source: any StatusSource) { self.source = source }

  func answer(_ head: HTTPRequestHead) -> Answer {
    if let refusal = Responder.refusal(of: head) { return refusal }
    let path = head.uri.prefix { $0 != "?" }
    let known = ["/", "/healthz", "/readyz", "/metrics", "/status"]
    guard known.contains(String(path)) else {
      return Responder.failure(.notFound, "there is no such path; known are \(known.joined(separator: ", "))")
    }
    guard head.method == .GET || head.method == .HEAD else {
      var answer = Responder.failure(.methodNotAllowed, "only GET and HEAD are answered")
      answer.headers.append(("Allow", "GET, HEAD"))
      return answer
    }
    switch path {
    case "/healthz":
      switch source.health() {
      case .healthy: return state("healthy", nil, .ok)
      case .unhealthy(let reason): return state("unhealthy", reason, .serviceUnavailable)
      }
    case "/readyz":
      switch source.readiness() {
      case .ready: return state("ready", nil, .ok)
      case .waiting(let reason): return state("waiting", reason, .serviceUnavailable)
      }
    case "/metrics":
      return Answer(
        status: .ok, type: "text/plain; version=0.0.4; charset=utf-8",
        body: ByteBuffer(bytes: source.metrics()))
    case "/status": return Answer(status: .ok, type: Responder.json, body: ByteBuffer(bytes: source.status()))
    default:
      let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      return Answer(
        status: .ok, type: "text/html; charset=utf-8", body: page,
        headers: [("Content-Security-Policy", policy)])
    }
  }

  private func state(_ state: String, _ reason: String?, _ status: HTTPResponseStatus) -> Answer {
    let tail = reason.map { ",\"reason\":\(Responder.quoted($0))" } ?? ""
    return Answer(
      status: status, type: Responder.json, body: ByteBuffer(string: "{\"status\":\"\(state)\"\(tail)}\n"))
  }

  static func failure(_ status: HTTPResponseStatus, _ message: String) -> Answer {
    Answer(
      status: status, type: json,
      body: ByteBuffer(string: "{\"error\":{\"message\":\(quoted(message)),\"status\":\(status.code)}}\n"))
  }

  /// Requests that are refused whatever their path.
  private static func refusal(of head: HTTPRequestHead) -> Answer? {
    guard head.version.major == 1 else { return failure(.httpVersionNotSupported, "HTTP/1.1 is spoken here") }
    guard head.uri.hasPrefix("/") else { return failure(.badRequest, "the target must be a path") }
    let hosts = head.headers["Host"]
    if hosts.isEmpty, head.version.minor == 0 { return nil }
    guard hosts.count == 1 else { return failure(.badRequest, "one Host header is needed") }
    guard isLoopback(hosts[0]) else {
      return failure(.misdirectedRequest, "Host must be 127.0.0.1, [::1] or localhost")
    }
    return nil
  }

  /// Whether a `Host` value names this machine's loopback, with any port (a tunnel may have another).
  static func isLoopback(_ host: String) -> Bool {
    let text = host.lowercased()
    for name in ["127.0.0.1", "localhost", "[::1]"] where text.hasPrefix(name) {
      let rest = text.dropFirst(name.count)
      if rest.isEmpty { return true }
      return rest.hasPrefix(":") && UInt16(rest.dropFirst()) != nil && rest.dropFirst().first != "+"
    }
    return false
  }

  /// A JSON string.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
