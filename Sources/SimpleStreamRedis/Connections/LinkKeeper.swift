import Logging
import NIOCore

/// Keeps a link connected: connects, waits for the end, connects again.
struct LinkKeeper: Sendable {
    let link: any Link
    let loop: any EventLoop
    let locator: Locator
    let handshake: Handshake
    let configuration: RedisConfiguration
    let logger: Logger

    /// A connection that lived this long was no failed try.
    private static let stableTime = Duration.seconds(1)

    /// Works until the task is cancelled.
    func run() async {
        var backoff = Backoff(limit: configuration.maxBackoff)
        var isLost = false
        while !Task.isCancelled {
            do throws(RedisError) {
                let connection = try await connect()
                logger.log(level: isLost ? .notice : .debug, "Redis is there")
                isLost = false
                let start = ContinuousClock.now
                let reason = await serve(connection)
                let wasStable = start + Self.stableTime <= .now
                // What was cut is tried again at once; who is slow, read-only or makes no sense is left alone for a while.
                let isHopeful = wasStable && reason.code == .closed
                link.disconnected(reason, isHopeful: isHopeful)
                note(reason, &isLost)
                if wasStable { backoff.reset() }
                if isHopeful { continue }
            } catch {
                link.disconnected(error, isHopeful: false)
                note(error, &isLost)
            }
            // Ends early only when the task is cancelled.
            try? await Task.sleep(for: backoff.next())
        }
        link.disconnected(RedisError(.unavailable, "The connection to Redis was given up."), isHopeful: false)
    }

    private func note(_ error: RedisError, _ isLost: inout Bool) {
        guard !Task.isCancelled, !isLost else { return }
        isLost = true
        logger.warning("Redis is lost", metadata: ["error": "\(error.message)"])
    }

    /// Opens a connection that may be used.
    func connect() async throws(RedisError) -> RedisConnection {
        let endpoint = try await locator.locate(on: loop)
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let connection = try await endpoint.connect(
            on: loop, tls: configuration.tls, timeout: configuration.connectTimeout)
        do throws(RedisError) {
            try await handshake.perform(on: connection, deadline: deadline)
        } catch {
            connection.close(error)
            throw error
        }
        return connection
    }

    private func serve(_ connection: RedisConnection) async -> RedisError {
        await withTaskCancellationHandler {
            connection.serve(link, pingInterval: configuration.pingInterval, patience: configuration.connectTimeout)
            link.connected(connection)
            return await connection.end()
        } onCancel: {
            connection.close(RedisError(.unavailable, "The connection to Redis was given up."))
        }
    }
}
