internal import CHiredis

/// Makes replies of bytes, by hiredis' reader, and refuses what is too large before memory is taken for it.
///
/// One parser reads one connection. After an error it must not be fed again.
@safe
final class ReplyParser {
    /// What a reply may hold.
    struct Limits: Sendable {
        /// All bytes of a reply. Default 64 MiB.
        var reply = 64 << 20
        /// A status, an error or a length. Default 64 KiB.
        var line = 64 << 10
        /// All elements of all lists of a reply. Default 262,144.
        var elements = 1 << 18
        /// Lists within lists. hiredis 0.14 takes no more than the default, 7.
        var depth = 7
    }

    /// Whether hiredis understands RESP3; before 1.0 it does not.
    static let understandsRESP3 = SS_REDIS_HAS_RESP3 != 0

    /// hiredis moves what is left to the front after each reply: in small portions that costs little.
    private static let portion = 16 << 10

    private let limits: Limits
    private let counts: UnsafeMutablePointer<ss_redis_limits>
    private let reader: UnsafeMutablePointer<redisReader>
    /// The bytes of the reply that is not whole yet.
    private var pending = 0

    init(_ limits: Limits = Limits()) throws(RedisError) {
        self.limits = limits
        unsafe counts = .allocate(capacity: 1)
        unsafe counts.initialize(to: ss_redis_limits())
        let depth = Int32(clamping: limits.depth)
        guard let reader = unsafe ss_redis_reader_create(counts, limits.elements, depth) else {
            unsafe counts.deallocate()
            throw RedisError(.overloaded, "There is no memory for a connection.")
        }
        unsafe self.reader = reader
    }

    deinit {
        unsafe redisReaderFree(reader)
        unsafe counts.deallocate()
    }

    /// Takes bytes and hands out the replies they complete.
    ///
    /// - Throws: `violation`; replies that were whole before have been handed out.
    func feed(_ bytes: UnsafeRawBufferPointer, _ take: (RedisValue) -> Void) throws(RedisError) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let portion = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(Self.portion))
            unsafe rest = rest.dropFirst(Self.portion)
            let start = unsafe portion.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard unsafe redisReaderFeed(reader, start, portion.count) == REDIS_OK else { throw violation }
            pending += portion.count
            while let reply = try next() { take(reply) }
            try checkPending()
        }
    }

    /// ``feed(_:_:)`` for an array.
    func feed(_ bytes: [UInt8], _ take: (RedisValue) -> Void) throws(RedisError) {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(RedisError) in unsafe try feed(bytes, take) }
        }
        try result.get()
    }

    private func next() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutablePointer<redisReply>?
        guard unsafe ss_redis_reader_next(reader, counts, &reply) == REDIS_OK else { throw violation }
        guard let reply = unsafe reply else { return nil }
        defer { unsafe freeReplyObject(reply) }
        pending = unsafe rest.count
        return unsafe Self.value(reply)
    }

    /// The bytes hiredis has not made anything of.
    private var rest: UnsafeRawBufferPointer {
        var count = 0
        let start = unsafe ss_redis_reader_rest(reader, &count)
        return unsafe UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Refuses an unfinished reply that is too long or says that it will be.
    private func checkPending() throws(RedisError) {
        guard pending <= limits.reply else { throw Self.tooLong }
        let type = unsafe ss_redis_reader_type(reader)
        guard type >= 0 else { return }
        let rest = unsafe rest
        if ss_redis_is_bulk(type) == 0 {
            guard rest.count <= limits.line else { throw Self.tooLong }
        } else {
            let isWhole = unsafe rest.prefix(24).contains(UInt8(ascii: "\r"))
            guard isWhole || rest.count < 24 else { throw Self.tooLong }
            let digits = unsafe rest.prefix(20).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let length = unsafe digits.reduce(0.0) { $0 * 10 + Double($1 - UInt8(ascii: "0")) }
            guard length <= Double(limits.reply) else { throw Self.tooLong }
        }
    }

    private static let tooLong = RedisError(.violation, "Redis sent a reply that is too long.")

    private var violation: RedisError {
        if let refusal = unsafe counts.pointee.refusal {
            return RedisError(.violation, "Redis sent a reply that cannot be used: \(unsafe String(cString: refusal)).")
        }
        return RedisError(.violation, "What came is not Redis' protocol.")
    }

    /// A copy of a reply. Not nested deeper than the limit, so neither is the recursion.
    private static func value(_ reply: UnsafePointer<redisReply>) -> RedisValue {
        let type = unsafe reply.pointee.type
        switch type {
        case REDIS_REPLY_INTEGER: return unsafe .integer(reply.pointee.integer)
        case REDIS_REPLY_STATUS: return unsafe .status(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: return unsafe .error(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_NIL: return .null
        default: break
        }
        if ss_redis_is_push(type) != 0 { return unsafe .push(elements(reply)) }
        if ss_redis_is_list(type) != 0 || ss_redis_is_map(type) != 0 { return unsafe .array(elements(reply)) }
        if ss_redis_is_bool(type) != 0 { return unsafe .bool(reply.pointee.integer != 0) }
        return unsafe .string(bytes(reply))
    }

    private static func bytes(_ reply: UnsafePointer<redisReply>) -> [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.len))
    }

    private static func elements(_ reply: UnsafePointer<redisReply>) -> [RedisValue] {
        unsafe (0..<reply.pointee.elements).map { index in
            guard let element = unsafe ss_redis_reply_element(reply, index) else { return .null }
            return unsafe value(element)
        }
    }
}
