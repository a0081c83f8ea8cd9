import NIOCore
import SimpleStreamKit
import Synchronization

/// The one connection that listens: any number of subscribers to a channel are one subscription there.
final class SubscriberLink: Link {
    typealias Receiver = @Sendable ([Frame]) -> Void

    fileprivate struct Channel {
        var subscribers: [Int: Receiver] = [:]
        /// Whether the connection was told to listen.
        var isRequested = false
        /// How many times it was told so without an answer yet.
        var awaited = 0
        /// Who waits until it is active, by a number of its own, and the subscriber it waits for.
        var waiting: [Int: (subscriber: Int, continuation: CheckedContinuation<Void, Never>)] = [:]

        var isActive: Bool { isRequested && awaited == 0 }
    }

    fileprivate struct State {
        var channels: [String: Channel] = [:]
        /// Channels whose subscription is to begin or to end.
        var changed: Set<String> = []
        var connection: RedisConnection?
        var isHopeful = true
        var isAwake = false
        var nextID = 0
    }

    /// How many channels one command names.
    private static let channelsPerCommand = 500

    let isSubscriber = true
    private let loop: any EventLoop
    private let patience: TimeAmount
    private let node: [UInt8]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - patience: how long a subscriber waits until Redis listens for it.
    ///   - node: whose messages are not handed out, since they were when they were published.
    init(on loop: any EventLoop, patience: Duration, node: [UInt8]) {
        self.loop = loop
        self.patience = TimeAmount(patience)
        self.node = node
    }

    var isUp: Bool { state.withLock { $0.connection != nil } }

    /// How many channels Redis was asked for.
    var channelCount: Int { state.withLock { $0.channels.values.count { $0.isRequested } } }

    // MARK: Subscribing

    /// Adds a subscriber.
    ///
    /// - Parameter receive: called on the event loop with what others publish.
    /// - Returns: what to say to ``unsubscribe(_:from:)``.
    func subscribe(to channel: String, _ receive: @escaping Receiver) -> Int {
        let (id, connection) = state.withLock { state in
            state.nextID += 1
            state.channels[channel, default: Channel()].subscribers[state.nextID] = receive
            return (state.nextID, state.change(channel))
        }
        connection?.wake()
        return id
    }

    /// Removes a subscriber. Doing so twice is no error.
    func unsubscribe(_ id: Int, from channel: String) {
        let (waiting, connection) = state.withLock { state -> ([CheckedContinuation<Void, Never>], RedisConnection?) in
            guard state.channels[channel]?.subscribers.removeValue(forKey: id) != nil else { return ([], nil) }
            let waiting = state.channels[channel]?.waiting.filter { $0.value.subscriber == id } ?? [:]
            for number in waiting.keys { state.channels[channel]?.waiting[number] = nil }
            return (waiting.values.map(\.continuation), state.change(channel))
        }
        for continuation in waiting { continuation.resume() }
        connection?.wake()
    }

    /// Returns when what is published reaches the subscriber, or when Redis is known to be out of reach.
    func active(_ id: Int, on channel: String) async {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> Int? in
                guard state.isHopeful, let known = state.channels[channel], known.subscribers[id] != nil,
                    !known.isActive
                else { return nil }
                state.nextID += 1
                state.channels[channel]?.waiting[state.nextID] = (id, continuation)
                return state.nextID
            }
            guard let number else { return continuation.resume() }
            loop.scheduleTask(in: patience) { self.giveUpWaiting(number, on: channel) }
        }
    }

    private func giveUpWaiting(_ number: Int, on channel: String) {
        state.withLock { $0.channels[channel]?.waiting.removeValue(forKey: number) }?.continuation.resume()
    }

    // MARK: Link

    func takeRequests(isIdle: Bool) -> [Request] {
        let (begin, end) = state.withLock { state in
            state.isAwake = false
            defer { state.changed.removeAll(keepingCapacity: true) }
            var begin: [String] = []
            var end: [String] = []
            for name in state.changed {
                guard var channel = state.channels[name] else { continue }
                let isWanted = !channel.subscribers.isEmpty
                guard isWanted != channel.isRequested else { continue }
                channel.isRequested = isWanted
                if isWanted {
                    channel.awaited += 1
                    begin.append(name)
                } else {
                    end.append(name)
                }
                state.channels[name] = channel
                state.forgetUnused(name)
            }
            return (begin, end)
        }
        return requests("SUBSCRIBE", begin) + requests("UNSUBSCRIBE", end)
    }

    private func requests(_ word: String, _ channels: [String]) -> [Request] {
        stride(from: 0, to: channels.count, by: Self.channelsPerCommand).compactMap { start in
            var command = RedisCommand(word)
            for channel in channels[start...].prefix(Self.channelsPerCommand) { command.append(channel) }
            // Without memory for it the subscribers miss what comes, as without a connection.
            return try? Request(unanswered: [command])
        }
    }

    func expireRequests(at now: NIODeadline) -> Bool { false }

    func received(_ message: [RedisValue]) {
        guard message.count == 3, let word = message[0].text, let channel = message[1].text else { return }
        switch word {
        case "message": if case .string(let payload) = message[2] { published(payload, on: channel) }
        case "subscribe": subscribed(to: channel)
        default: break
        }
    }

    private func published(_ payload: [UInt8], on channel: String) {
        guard !FrameCoding.isWritten(payload, by: node), let frames = FrameCoding.decode(payload) else { return }
        let receivers = state.withLock { Array($0.channels[channel]?.subscribers.values ?? [:].values) }
        for receive in receivers { receive(frames) }
    }

    private func subscribed(to name: String) {
        let waiting = state.withLock { state in
            guard var channel = state.channels[name], channel.awaited > 0 else {
                return [CheckedContinuation<Void, Never>]()
            }
            channel.awaited -= 1
            defer {
                state.channels[name] = channel
                state.forgetUnused(name)
            }
            guard channel.isActive else { return [] }
            let waiting = channel.waiting.values.map(\.continuation)
            channel.waiting = [:]
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func connected(_ connection: RedisConnection) {
        state.withLock { state in
            state.connection = connection
            state.isHopeful = true
            state.changed = Set(state.channels.keys)
            state.isAwake = true
        }
        connection.wake()
    }

    func disconnected(_ reason: RedisError, isHopeful: Bool) {
        let waiting = state.withLock { state in
            state.connection = nil
            state.isHopeful = isHopeful
            state.isAwake = false
            var waiting: [CheckedContinuation<Void, Never>] = []
            for (name, var channel) in state.channels {
                channel.isRequested = false
                channel.awaited = 0
                if !isHopeful {
                    waiting += channel.waiting.values.map(\.continuation)
                    channel.waiting = [:]
                }
                state.channels[name] = channel
                state.forgetUnused(name)
            }
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension SubscriberLink.State {
    /// Notes that a channel's subscribers came or went; the connection to be told, if one is.
    fileprivate mutating func change(_ channel: String) -> RedisConnection? {
        guard let connection else {
            forgetUnused(channel)
            return nil
        }
        changed.insert(channel)
        guard !isAwake else { return nil }
        isAwake = true
        return connection
    }

    fileprivate mutating func forgetUnused(_ name: String) {
        guard let channel = channels[name], channel.subscribers.isEmpty, !channel.isRequested, channel.awaited == 0
        else { return }
        channels[name] = nil
    }
}
