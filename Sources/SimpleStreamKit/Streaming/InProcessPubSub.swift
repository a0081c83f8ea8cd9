import Synchronization

/// Pub/sub within one process: hands frames over on the publisher's thread.
public final class InProcessPubSub: PubSub {
    private typealias Receivers = [Int: @Sendable ([Frame]) -> Void]

    private struct State {
        var channels: [String: Receivers] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func publish(_ frames: [Frame], to channel: String) {
        guard !frames.isEmpty, let receivers = state.withLock({ $0.channels[channel] }) else { return }
        for receive in receivers.values { receive(frames) }
    }

    public func subscribe(to channel: String, _ receive: @escaping @Sendable ([Frame]) -> Void) -> Subscription {
        let id = state.withLock { state in
            state.nextID += 1
            state.channels[channel, default: [:]][state.nextID] = receive
            return state.nextID
        }
        return Subscription { [weak self] in
            self?.state.withLock { state in
                state.channels[channel]?[id] = nil
                if state.channels[channel]?.isEmpty == true { state.channels[channel] = nil }
            }
        }
    }

    /// How many channels somebody is subscribed to.
    package var channelCount: Int { state.withLock { $0.channels.count } }
}
