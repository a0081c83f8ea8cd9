import Logging
public import SimpleStreamKit
import Synchronization

/// The log of runs on Redis' streams, which all nodes see.
///
/// Each batch is one entry `<last sequence number>-0` of the stream `<prefix>run:<message id>`. While Redis is out of
/// reach nothing is logged; what comes later is, and readers of what lies between are told that it is not there.
public final class RedisRunLog: RunLog {
    private struct Written {
        var bytes = 0
        /// The generation of the connection the stream's safety expiry was set in, and when.
        var generation = -1
        var refreshed = ContinuousClock.now
        /// The last numbers of the entries, with how many bytes were written before them, oldest first.
        var marks: [(seq: Int, bytes: Int)] = []
    }

    /// A stream nobody ends, because its whole fleet is gone, stays for no longer.
    private static let safetyExpiry = Duration.seconds(24 * 3600)
    private static let refreshInterval = Duration.seconds(3600)
    /// How many entries are read at a time.
    private static let pageSize = 100
    /// From so many runs on, those nobody has written to for long are looked for.
    private static let manyRuns = 10_000
    /// How often a run's length is noted, in bytes.
    private static let markInterval = 1 << 20

    let client: RedisClient
    private let bytesPerRun: Int
    private let written = Mutex<[String: Written]>([:])

    /// Makes a log on a client whose ``RedisClient/run()`` somebody runs.
    ///
    /// - Parameter bytesPerRun: a run that outgrows it forgets its older half. Default 16 MiB.
    public init(_ client: RedisClient, bytesPerRun: Int = 16 << 20) {
        self.client = client
        self.bytesPerRun = bytesPerRun
    }

    private func key(_ messageID: String) -> String { "\(client.configuration.prefix)run:\(messageID)" }

    // MARK: Writing

    public func append(_ frames: [Frame], to messageID: String) async throws(ChatError) {
        try await append(frames, to: messageID, publishingTo: nil)
    }

    /// Appends frames and, when the log takes them, sends the same bytes to a channel: one step on the server.
    func result(
        of frames: [Frame], appendedTo messageID: String, publishingTo channel: String?
    ) async -> Result<Void, ChatError> {
        do throws(ChatError) {
            return .success(try await append(frames, to: messageID, publishingTo: channel))
        } catch {
            return .failure(error)
        }
    }

    private func append(
        _ frames: [Frame], to messageID: String, publishingTo channel: String?
    ) async throws(ChatError) {
        guard let last = frames.last else { return }
        guard let payload = FrameCoding.encode(frames, from: client.node) else {
            throw ChatError(.payloadTooLarge, "The answer is too long to be logged.")
        }
        let key = key(messageID)
        do throws(RedisError) {
            let extra = upkeep(of: messageID, key: key, seq: last.seq, bytes: payload.count)
            var replies = try await sendTwice(
                [addition(of: payload, seq: last.seq, to: key, publishingTo: channel)] + extra, key: key)
            if replies.first?.saysNoScript == true {
                replies = try await sendTwice(
                    [addition(of: payload, seq: last.seq, to: key, publishingTo: channel, isNew: true)] + extra,
                    key: key)
            }
            guard case .error(let text)? = replies.first else { return }
            guard Self.isTaken(text) else { throw RedisError(refusal: text) }
            if try await holds(payload, seq: last.seq, key: key) { return }
        } catch {
            throw ChatError(error)
        }
        throw ChatError(.interrupted, "The answer's log is another node's.")
    }

    private func addition(
        of payload: [UInt8], seq: Int, to key: String, publishingTo channel: String?, isNew: Bool = false
    ) -> RedisCommand {
        guard let channel else {
            var command = RedisCommand("XADD", key, "\(seq)-0", "f")
            command.append(payload)
            return command
        }
        var command = isNew ? Self.script.whole(keys: [key]) : Self.script.known(keys: [key])
        command.append("\(seq)-0")
        command.append(payload)
        command.append(channel)
        return command
    }

    /// Nothing is published when the log refuses.
    private static let script = RedisScript(
        """
        redis.call('XADD', KEYS[1], ARGV[1], 'f', ARGV[2])
        return redis.call('PUBLISH', ARGV[3], ARGV[2])
        """)

    /// Whether Redis says that the number, or a later one, is in the stream.
    private static func isTaken(_ text: String) -> Bool { text.contains("equal or smaller") }

    /// Whether an entry is there already because an earlier try was carried out.
    private func holds(_ payload: [UInt8], seq: Int, key: String) async throws(RedisError) -> Bool {
        let command = RedisCommand("XRANGE", key, "\(seq)-0", "\(seq)-0")
        let replies = try await client.send([command], key: key, timeout: client.configuration.appendTimeout)
        return replies.first?.elements?.first.flatMap(Entry.init)?.payload == payload
    }

    /// Refuses whatever is appended from now on: an entry with the last number of all is put at the end.
    public func close(_ messageID: String) async throws(ChatError) {
        let key = key(messageID)
        do throws(RedisError) {
            let replies = try await sendTwice(
                [
                    RedisCommand("XADD", key, "\(Entry.lastID)", "closed", "1"),
                    RedisCommand("EXPIRE", key, "\(Self.safetyExpiry.components.seconds)"),
                ], key: key)
            if case .error(let text)? = replies.first, !Self.isTaken(text) { throw RedisError(refusal: text) }
        } catch {
            throw ChatError(error)
        }
    }

    /// Sends commands that may be carried out twice, again when the connection was cut meanwhile.
    private func sendTwice(_ commands: [RedisCommand], key: String) async throws(RedisError) -> [RedisValue] {
        let timeout = client.configuration.appendTimeout
        let start = ContinuousClock.now
        do throws(RedisError) {
            return try await client.send(commands, key: key, timeout: timeout)
        } catch {
            guard error.code == .closed else { throw error }
            return try await client.send(commands, key: key, timeout: max(timeout - (.now - start), .zero))
        }
    }

    /// What keeps a stream from staying too long or growing too much.
    private func upkeep(
        of messageID: String, key: String, seq: Int, bytes: Int
    ) -> [RedisCommand] {
        let generation = client.generation
        return written.withLock { written in
            let now = ContinuousClock.now
            if written[messageID] == nil, written.count >= Self.manyRuns {
                written = written.filter { $0.value.refreshed + Self.refreshInterval * 2 > now }
            }
            var entry = written[messageID] ?? Written()
            var commands: [RedisCommand] = []
            if entry.generation != generation || entry.refreshed + Self.refreshInterval <= now {
                entry.generation = generation
                entry.refreshed = now
                commands.append(RedisCommand("EXPIRE", key, "\(Self.safetyExpiry.components.seconds)"))
            }
            if entry.bytes - (entry.marks.last?.bytes ?? 0) >= min(Self.markInterval, bytesPerRun / 4) {
                entry.marks.append((seq, entry.bytes))
            }
            entry.bytes += bytes
            if entry.bytes > bytesPerRun, let half = entry.marks.first(where: { $0.bytes * 2 >= entry.bytes }) {
                commands.append(RedisCommand("XTRIM", key, "MINID", "\(half.seq)-0"))
                entry.marks = entry.marks.filter { $0.seq > half.seq }.map { ($0.seq, $0.bytes - half.bytes) }
                entry.bytes -= half.bytes
            }
            written[messageID] = entry
            return commands
        }
    }

    public func expire(_ messageID: String, after delay: Duration) async {
        let key = key(messageID)
        written.withLock { $0[messageID] = nil }
        let milliseconds = delay.storedMilliseconds
        let command = milliseconds > 0 ? RedisCommand("PEXPIRE", key, "\(milliseconds)") : RedisCommand("DEL", key)
        do throws(RedisError) {
            _ = try await sendTwice([command], key: key).first?.get()
        } catch {
            // Its safety expiry ends it.
            client.logger.debug("A run's log stays for a day", metadata: ["error": "\(error.message)"])
        }
    }

    // MARK: Reading

    /// The frames that cover `seq + 1` and later, up to the first hole; nil when the log does not hold `seq + 1`.
    public func frames(of messageID: String, after seq: Int) async throws(ChatError) -> [Frame]? {
        do throws(RedisError) {
            return try await read(messageID, after: seq)
        } catch {
            throw ChatError(error)
        }
    }

    private func read(_ messageID: String, after seq: Int) async throws(RedisError) -> [Frame]? {
        let key = key(messageID)
        var frames: [Frame] = []
        var last = seq
        // The entry that ends with `seq` says that `seq` was given, also when nothing follows.
        var start = "\(max(seq, 0))-0"
        var isKnown = false
        var bytes = 0
        // Longer than any log of ours is not one.
        while bytes <= bytesPerRun * 4 {
            let command = RedisCommand("XRANGE", key, start, "+", "COUNT", "\(Self.pageSize)")
            let replies = try await client.send([command], key: key, timeout: client.configuration.commandTimeout)
            guard let page = try replies.first?.get().elements else {
                throw RedisError(.violation, "Redis did not answer with a stream.")
            }
            for item in page {
                if Entry.isEnd(item) { return isKnown ? frames : nil }
                guard let entry = Entry(item), let batch = FrameCoding.decode(entry.payload) else {
                    return isKnown ? frames : nil
                }
                bytes += entry.payload.count
                for frame in batch {
                    guard frame.messageID == messageID, frame.kind != .notice else { return isKnown ? frames : nil }
                    isKnown = isKnown || frame.seq == seq
                    guard frame.seq > last else { continue }
                    guard frame.fromSeq <= last + 1 else { return isKnown ? frames : nil }
                    isKnown = true
                    frames.append(frame)
                    last = frame.seq
                }
                start = "(\(entry.id)"
            }
            if page.count < Self.pageSize { return isKnown ? frames : nil }
        }
        return nil
    }
}

/// An entry of a stream.
private struct Entry {
    /// No entry can stand behind one with this id.
    static let lastID = "\(UInt64.max)-0"

    let id: String
    let payload: [UInt8]

    init?(_ value: RedisValue) {
        guard let parts = value.elements, parts.count == 2, let id = parts[0].text, let fields = parts[1].elements,
            fields.count == 2, case .string(let payload) = fields[1]
        else { return nil }
        self.id = id
        self.payload = payload
    }

    /// Whether it only says that the log is closed.
    static func isEnd(_ value: RedisValue) -> Bool { value.elements?.first?.text == lastID }
}

extension ChatError {
    /// What readers and writers of a log are told.
    init(_ error: RedisError) {
        self.init(.storageUnavailable, "The log of answers is out of reach.", detail: error.message)
    }
}
