import Diagnostics
import Glibc
@testable import Monitoring
import Testing

@Suite struct StatusClientTests {
  @Test func getsWhatTheEndpointShows() throws {
    let large = [UInt8](repeating: 120, count: 3 << 20)
    let endpoint = try StatusEndpoint(source: FixedSource(largeStatus: large))
    defer { endpoint.stop() }
    let client = StatusClient(port: UInt16(endpoint.port))
    #expect(try client.get("/status") == StatusClient.Response(status: 200, body: large))
    #expect(try client.get("/nothing").status == 404)
  }

  @Test func failsForTheTimeBeingWhenNothingAnswers() throws {
    let endpoint = try StatusEndpoint(source: FixedSource())
    endpoint.stop()
    let error = try #require(throws: TernError.self) {
      try StatusClient(port: UInt16(endpoint.port)).get("/")
    }
    #expect(error.kind == .temporary)
    #expect(error.message == "nothing answers")
  }

  @Test func givesUpOnAServerThatAcceptsAndSaysNothing() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(bind(descriptor, $0, size) == 0)
        #expect(listen(descriptor, 1) == 0)
        #expect(getsockname(descriptor, $0, &size) == 0)
      }
    }
    let client = StatusClient(port: UInt16(bigEndian: address.sin_port), timeout: 0.2)
    let error = try #require(throws: TernError.self) { try client.get("/status") }
    #expect(error.message == "does not answer in time")
    #expect(error.kind == .temporary)
  }
}
