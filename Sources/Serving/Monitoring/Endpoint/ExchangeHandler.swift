import NIOCore
import NIOHTTP1

/// Answers the requests of one connection, in order, and ends connections that misuse it. Confined to the endpoint's
/// thread.
final class ExchangeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Requests that may wait for a client that does not read its answers.
  private static let maximumWaiting = 128
  /// Requests on one connection, so that even a busy client gets a fresh one now and then.
  private static let maximumRequests = 10_000

  private let configuration: StatusEndpoint.Configuration
  private let budget: HeadBudget
  private let responder: Responder
  private let idle: TimeAmount

  private var head: HTTPRequestHead?
  private var bodyBytes = 0
  private var waiting: [HTTPRequestHead] = []
  private var requests = 0
  private var isClosing = false
  private var lastExchange = NIODeadline.now()
  private var watch: Scheduled<Void>?

  init(_ configuration: StatusEndpoint.Configuration, _ budget: HeadBudget, _ responder: Responder) {
    self.configuration = configuration
    self.budget = budget
    self.responder = responder
    idle = .nanoseconds(Int64(configuration.idleTimeout * 1e9))
  }

  func channelActive(context: ChannelHandlerContext) {
    lastExchange = .now()
    scheduleWatch(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    watch?.cancel()
    watch = nil
    waiting = []
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      budget.used = 0
      bodyBytes = 0
      guard head.uri.utf8.count <= configuration.maximumHeadBytes else {
        return refuse(context, .uriTooLong, "the target is too long")
      }
      self.head = head
    case .body(let part):
      budget.used = 0
      bodyBytes += part.readableBytes
      guard bodyBytes <= configuration.maximumBodyBytes else {
        return refuse(
          context, .payloadTooLarge, "a request's body has at most \(configuration.maximumBodyBytes) bytes")
      }
    case .end:
      guard let head else { return }
      self.head = nil
      budget.used = 0
      guard waiting.count < ExchangeHandler.maximumWaiting else { return close(context) }
      waiting.append(head)
      answerWaiting(context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    answerWaiting(context)
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !isClosing else { return }
    switch error {
    case is OversizedHead:
      refuse(context, .requestHeaderFieldsTooLarge, "a request's head has at most \(budget.limit) bytes")
    case HTTPParserError.headerOverflow:
      refuse(context, .requestHeaderFieldsTooLarge, "a request's headers are too large or too many")
    case is HTTPParserError: refuse(context, .badRequest, "this is not HTTP/1.1")
    default: close(context)
    }
  }

  /// Answers while the client takes the answers; what it does not take stays here, and the watch ends it.
  private func answerWaiting(_ context: ChannelHandlerContext) {
    while !isClosing, !waiting.isEmpty, context.channel.isWritable {
      let head = waiting.removeFirst()
      requests += 1
      let keepsOpen =
        head.isKeepAlive && head.version == .http1_1 && requests < ExchangeHandler.maximumRequests
      write(responder.answer(head), context, withBody: head.method != .HEAD, closing: !keepsOpen)
    }
  }

  private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ message: String) {
    // Answers owed to earlier requests would come after this one, so that they are dropped.
    waiting = []
    write(Responder.failure(status, message), context, withBody: true, closing: true)
  }

  private func write(
    _ answer: Responder.Answer, _ context: ChannelHandlerContext, withBody: Bool, closing: Bool
  ) {
    var headers = HTTPHeaders([
      ("Content-Type", answer.type), ("Content-Length", "\(answer.body.readableBytes)"),
      ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ])
    headers.add(contentsOf: answer.headers)
    if closing { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if withBody { context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil) }
    if closing { isClosing = true }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { result in
      let (handler, context) = bound.value
      handler.lastExchange = .now()
      if case .failure = result { return context.close(promise: nil) }
      // The client's own end comes first, or unread input would turn this close into a reset that takes the answer
      // with it.
      if closing { context.close(mode: .output, promise: nil) }
    }
  }

  private func close(_ context: ChannelHandlerContext) {
    isClosing = true
    waiting = []
    context.close(promise: nil)
  }

  /// Closes the connection when it went without a complete exchange for too long: idle, half a head, answers not read.
  private func scheduleWatch(_ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    watch = context.eventLoop.scheduleTask(deadline: lastExchange + idle) {
      let (handler, context) = bound.value
      if NIODeadline.now() - handler.lastExchange >= handler.idle {
        handler.close(context)
      } else {
        handler.scheduleWatch(context)
      }
    }
  }
}
