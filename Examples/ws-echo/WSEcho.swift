import ArgumentParser
import Foundation
import Hummingbird
import Logging
import NIOCore
import SimpleStreamServer

/// A WebSocket echo server on exactly the connection handling of `ss-server`, for conformance tests.
@main
struct WSEcho: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ws-echo",
        abstract: "Echo WebSocket messages: text as text, binary as binary."
    )

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 9001

    @Option(help: "The longest message in bytes.")
    var messageBytes = 16 << 20

    func run() async throws {
        var configuration = StreamServerChannel.Configuration()
        let limits = WebSocketLimits(messageBytes: messageBytes)
        configuration.webSockets = WebSocketUpgrade { _, _ in
            .accept(WebSocketAcceptance(limits: limits) { EchoDelegate(connection: $0) })
        }
        let router = Router()
        router.get("/") { _, _ in "Open a WebSocket here.\n" }
        var logger = Logger(label: "ws-echo")
        logger.logLevel = .warning
        let application = Application(
            router: router,
            server: .simpleStream(configuration: configuration),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                let line = "ws://127.0.0.1:\(channel.localAddress?.port ?? 0)\n"
                // Unlike print, this is there at once, also in a file or a pipe.
                FileHandle.standardOutput.write(Data(line.utf8))
            },
            logger: logger
        )
        try await application.runService()
    }
}
