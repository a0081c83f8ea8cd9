import Logging
import ServiceLifecycle
import SimpleStreamKit

/// Closes sockets and streams whose credential lets nobody in any more, and deletes what has expired.
///
/// What is revoked is announced, on this node and others, and felt at once. What expires, and what an announcement that was
/// lost would have said, is found by asking the store for all that is open.
struct AccessWatch: Service {
    let chat: ChatService
    let hub: SocketHub
    let interval: Duration
    /// How often what has expired is deleted.
    let sweepInterval: Duration
    let logger: Logger

    func run() async throws {
        let subscription = chat.onRevocation { hub.close($0) }
        defer { subscription.cancel() }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await repeatedly(interval) { () throws(ChatError) in try await closeInvalid() } }
                group.addTask {
                    await repeatedly(sweepInterval) { () throws(ChatError) in try await chat.sweepAccounts() }
                }
                group.addTask {
                    await repeatedly(sweepInterval) { () throws(ChatError) in try await chat.sweepAttachments() }
                }
            }
        }
    }

    private func repeatedly(
        _ interval: Duration, _ work: @Sendable () async throws(ChatError) -> Void
    ) async {
        while !Task.isCancelled {
            // Throws when the task is cancelled: the loop ends then.
            guard (try? await Task.sleep(for: interval)) != nil else { return }
            do throws(ChatError) {
                try await work()
            } catch {
                // A store in trouble signs nobody out; the next round asks again.
                logger.debug(
                    "What has expired could not be looked for", metadata: ["ss.error.code": "\(error.code.rawValue)"])
            }
        }
    }

    private func closeInvalid() async throws(ChatError) {
        let credentials = hub.credentials
        guard !credentials.isEmpty else { return }
        var sessions: [String] = []
        var tokens: [String] = []
        for credential in credentials {
            switch credential {
            case .session(let id): sessions.append(id)
            case .token(let id): tokens.append(id)
            case .user: break
            }
        }
        let validSessions = sessions.isEmpty ? [] : try await chat.store.validSessions(sessions)
        for id in sessions where !validSessions.contains(id) { hub.close(.session(id)) }
        let validTokens = tokens.isEmpty ? [] : try await chat.store.validTokens(tokens)
        for id in tokens where !validTokens.contains(id) { hub.close(.token(id)) }
    }
}
