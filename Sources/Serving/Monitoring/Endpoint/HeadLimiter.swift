import NIOCore

/// Bytes that a connection sent since its last complete request head. Shared by two handlers of one connection, and so
/// confined to the endpoint's thread.
final class HeadBudget {
  let limit: Int
  var used = 0

  init(limit: Int) { self.limit = limit }
}

/// A request head that exceeds the limit.
struct OversizedHead: Error {}

/// Stops a client whose request line and headers never end; the decoder only limits headers that do.
final class HeadLimiter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let budget: HeadBudget

  init(_ budget: HeadBudget) { self.budget = budget }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    budget.used += unwrapInboundIn(data).readableBytes
    // The decoder runs inside this call, and every head or body part it finds sets the budget back.
    context.fireChannelRead(data)
    if budget.used > budget.limit { context.fireErrorCaught(OversizedHead()) }
  }
}
