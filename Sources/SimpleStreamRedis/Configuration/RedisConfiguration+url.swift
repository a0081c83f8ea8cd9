import SimpleStreamKit

extension RedisConfiguration {
    private static let accepted = """
        redis://user:password@host:port/database, rediss:// for TLS, redis-sentinel://host:port,host:port/master, \
        rediss-sentinel:// or redis+unix:///path
        """

    private enum Scheme: String {
        case plain = "redis"
        case secure = "rediss"
        case sentinel = "redis-sentinel"
        case secureSentinel = "rediss-sentinel"
        case unix = "redis+unix"

        var isSentinel: Bool { self == .sentinel || self == .secureSentinel }
        var isSecure: Bool { self == .secure || self == .secureSentinel }
    }

    /// Reads a URL. `?prefix=` sets ``prefix``, `?db=` ``database``.
    ///
    /// - Parameter tls: for `rediss`; nil checks the server against the system's authorities.
    /// - Throws: ``Problem`` about `url`, which does not repeat it: it may hold a password.
    public init(url: String, tls: RedisTLS? = nil) throws(Problem) {
        guard let colon = url.firstRange(of: "://"),
            let scheme = Scheme(rawValue: url[..<colon.lowerBound].lowercased())
        else { throw Self.problem("it does not begin with redis:// or another of its schemes") }
        var rest = url[colon.upperBound...]
        guard !rest.contains("#") else { throw Self.problem("it has a fragment") }
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        let path = rest[slash...].dropFirst()
        var credential: Substring?
        if let at = authority.lastIndex(of: "@") {
            credential = authority[..<at]
            authority = authority[authority.index(after: at)...]
        }
        self.init(try Self.place(scheme, authority, path))
        try setCredential(credential)
        try setDatabase(scheme, path)
        try setOptions(query)
        guard scheme.isSecure || tls == nil else { throw Self.problem("it is not encrypted, but TLS is set up") }
        if scheme.isSecure {
            if let tls { self.tls = tls } else { self.tls = try RedisTLS() }
        }
    }

    private static func problem(_ problem: String) -> Problem {
        Problem(property: "url", problem: problem, accepted: accepted)
    }

    private static func place(_ scheme: Scheme, _ authority: Substring, _ path: Substring) throws(Problem) -> Place {
        if scheme == .unix {
            guard authority.isEmpty, !path.isEmpty else { throw problem("it names no socket") }
            return .unixSocket("/" + (try decoded(path)))
        }
        var addresses: [Address] = []
        for text in authority.split(separator: ",", omittingEmptySubsequences: false) {
            guard let address = address(text, standardPort: scheme.isSentinel ? 26379 : 6379) else {
                throw problem("its host or port cannot be used")
            }
            addresses.append(address)
        }
        guard scheme.isSentinel else {
            guard addresses.count == 1, let address = addresses.first else { throw problem("it names several hosts") }
            return .server(address)
        }
        guard let name = path.split(separator: "/").first else { throw problem("it does not name the master") }
        return .sentinels(addresses, master: try decoded(name))
    }

    /// Reads `host`, `host:port` or `[address]:port`.
    static func address(_ text: Substring, standardPort: Int) -> Address? {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[..<end].dropFirst()
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !host.contains(":") else { return nil }
        }
        let number = port.map { Int($0) } ?? standardPort
        guard let number, (1...65535).contains(number), !host.isEmpty, host.utf8.allSatisfy(isHostByte) else {
            return nil
        }
        return Address(host: String(host), port: number)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: [".", "-", "_", ":", "%"].contains(Character(UnicodeScalar(byte)))
        }
    }

    private mutating func setCredential(_ credential: Substring?) throws(Problem) {
        guard let credential else { return }
        guard let colon = credential.firstIndex(of: ":") else { throw Self.problem("it has a user without a password") }
        let user = try Self.decoded(credential[..<colon])
        let password = try Self.decoded(credential[credential.index(after: colon)...])
        guard !password.isEmpty else { throw Self.problem("its password is empty") }
        username = user.isEmpty ? nil : user
        self.password = Secret(password)
    }

    private mutating func setDatabase(_ scheme: Scheme, _ path: Substring) throws(Problem) {
        guard scheme != .unix else { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).drop { $0.isEmpty }
            .dropFirst(scheme.isSentinel ? 1 : 0)
        guard let text = parts.first, !text.isEmpty else { return }
        guard parts.count == 1 else { throw Self.problem("its path has too many parts") }
        database = try Self.database(text)
    }

    private static func database(_ text: Substring) throws(Problem) -> Int {
        guard let number = Int(text), (0...9999).contains(number) else {
            throw problem("its database is not a number from 0 to 9999")
        }
        return number
    }

    private mutating func setOptions(_ query: Substring) throws(Problem) {
        for option in query.split(separator: "&") {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch (parts.first, parts.dropFirst().first) {
            case ("prefix", let value?):
                let value = try Self.decoded(value)
                guard (1...64).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                    !value.contains(where: { "{}*?[]\\".contains($0) })
                else { throw Self.problem("its prefix is not of 1 to 64 letters, digits and signs without brackets") }
                prefix = value
            case ("db", let value?): database = try Self.database(value)
            default: throw Self.problem("it has an option that means nothing; prefix and db do")
            }
        }
    }

    /// The text with `%xx` replaced.
    private static func decoded(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let digits = String(digits), let value = UInt8(digits, radix: 16),
                !digits.hasPrefix("+"), value != 0
            else { throw problem("it has a % without two digits after it") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw problem("it is not UTF-8") }
        return text
    }
}
