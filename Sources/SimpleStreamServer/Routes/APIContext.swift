import Hummingbird
import NIOCore

/// What is known about a request besides itself.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Told to the client with every error, and in the log.
    let requestID: String
    let channel: any Channel
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = RequestID.make()
        channel = source.channel
        remoteAddress = source.channel.remoteAddress
    }
}
