import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

@testable import SimpleStreamServer

/// Runs a small application on ``StreamServerChannel`` while the body runs.
///
/// It answers `GET /` with "hello", `POST /echo` with the body, `GET /stream` in chunks, and shuts down
/// gracefully at the end.
func withTestServer<R: Sendable>(
    _ configure: (inout StreamServerChannel.Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (Int) async throws -> R
) async throws -> R {
    var configuration = StreamServerChannel.Configuration()
    // A test may be slow; tests of the time say their own.
    configuration.limits.headTime = .minutes(5)
    configure(&configuration)
    let router = Router()
    router.get("/") { _, _ in "hello" }
    router.head("/") { _, _ in Response(status: .ok, headers: [.contentLength: "5"]) }
    router.post("/echo") { request, _ in
        Response(status: .ok, body: .init(byteBuffer: try await request.body.collect(upTo: .max)))
    }
    router.get("/stream") { _, _ in
        Response(
            status: .ok,
            body: .init { writer in
                for part in ["one ", "two ", "three"] { try await writer.write(ByteBuffer(string: part)) }
                try await writer.finish(nil)
            }
        )
    }
    let (ports, portContinuation) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let application = Application(
        router: router,
        server: .simpleStream(configuration: configuration),
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { portContinuation.yield($0.localAddress?.port ?? 0) },
        logger: logger
    )
    let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { portContinuation.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.next()
            throw CancellationError()
        }
        let result: Result<R, any Error>
        do {
            result = .success(try await body(port))
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}
