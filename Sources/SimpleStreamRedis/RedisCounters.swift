public import SimpleStreamKit

/// Counters on Redis, for all nodes: a key with an expiry for each window, `<prefix>rate:<key>`.
///
/// Windows go by Redis' clock.
public final class RedisCounters: Counters {
    private let client: RedisClient

    /// Makes counters on a client whose ``RedisClient/run()`` somebody runs.
    public init(_ client: RedisClient) { self.client = client }

    private func key(_ key: String) -> String { "\(client.configuration.prefix)rate:\(key)" }

    /// Numbers in Lua are exact up to here.
    private static let largest = 1 << 53

    private static let taking = RedisScript(
        """
        local held = redis.call('GET', KEYS[1])
        local amount, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
        local left = math.max(0, limit - tonumber(held or '0'))
        if amount > left then
            local rest = redis.call('PTTL', KEYS[1])
            if rest < 0 then rest = tonumber(ARGV[3]) end
            return {0, math.max(1, rest)}
        end
        if held then
            redis.call('INCRBY', KEYS[1], ARGV[1])
        elseif amount > 0 then
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
        end
        return {1, left - amount}
        """)

    private static let givingBack = RedisScript(
        """
        local held = redis.call('GET', KEYS[1])
        if held then
            local rest = math.max(0, tonumber(held) - tonumber(ARGV[1]))
            redis.call('SET', KEYS[1], string.format('%.0f', rest), 'KEEPTTL')
        end
        return 0
        """)

    public func take(
        _ amount: Int, from key: String, limit: Int, per window: Duration
    ) async throws(ChatError) -> CounterAnswer {
        let amount = max(0, amount)
        // What no limit allows is not counted wrongly either.
        let numbers = [min(amount, Self.largest + 1), min(max(0, limit), Self.largest)]
        let milliseconds = min(max(1, window.storedMilliseconds), Int64(Self.largest))
        let answer = try await run(Self.taking, on: key, numbers.map { "\($0)" } + ["\(milliseconds)"])
        guard case .array(let parts) = answer, parts.count == 2, case .integer(let isTaken) = parts[0],
            case .integer(let number) = parts[1], let count = Int(exactly: number), count >= 0
        else { throw ChatError(RedisError(.violation, "Redis did not answer as counters do.")) }
        return isTaken == 1 ? .allowed(remaining: count) : .refused(retryAfter: .milliseconds(count))
    }

    public func giveBack(_ amount: Int, to key: String) async throws(ChatError) {
        _ = try await run(Self.givingBack, on: key, ["\(min(max(0, amount), Self.largest))"])
    }

    private func run(
        _ script: RedisScript, on key: String, _ arguments: [String]
    ) async throws(ChatError) -> RedisValue {
        let key = self.key(key)
        do throws(RedisError) {
            let reply = try await send(script.known(keys: [key]), arguments, key)
            guard reply.saysNoScript else { return try reply.get() }
            return try await send(script.whole(keys: [key]), arguments, key).get()
        } catch {
            throw ChatError(.storageUnavailable, "Limits cannot be counted now.", detail: error.message)
        }
    }

    private func send(
        _ command: RedisCommand, _ arguments: [String], _ key: String
    ) async throws(RedisError) -> RedisValue {
        var command = command
        for argument in arguments { command.append(argument) }
        let replies = try await client.send([command], key: key, timeout: client.configuration.commandTimeout)
        return replies.first ?? .null
    }
}
