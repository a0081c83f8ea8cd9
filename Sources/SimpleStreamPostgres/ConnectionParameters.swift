internal import CLibPQ
import SimpleStreamKit

/// What a connection is made with: libpq's keywords and their values.
struct ConnectionParameters: Sendable {
    struct Pair: Sendable {
        var keyword: String
        var value: String
    }

    private(set) var pairs: [Pair]

    /// Whether the server is said to be on this machine.
    private(set) var isLocal = false

    var password: String? { value("password") }

    func value(_ keyword: String) -> String? {
        pairs.last { $0.keyword == keyword && !$0.value.isEmpty }?.value
    }

    /// Checks pairs and adds what we want unless they say otherwise.
    init(_ given: [(keyword: String, value: String)]) throws(ChatError) {
        let known = Self.defaults
        for (keyword, value) in given {
            guard known[keyword] != nil else { throw Self.wrong("it holds a setting libpq does not know") }
            guard !value.utf8.contains(0), !keyword.utf8.contains(0) else { throw Self.wrong("it holds a zero byte") }
            // It would bring a host nobody has looked at.
            guard keyword != "service" else { throw Self.wrong("it names a service; name the host itself") }
        }
        pairs = given.map { Pair(keyword: $0.keyword, value: $0.value) }
        // What libpq would take from the environment is looked at as well, and so it is fixed here.
        for keyword in ["host", "hostaddr", "sslmode"] where value(keyword) == nil {
            if let value = known[keyword], let value { set(keyword, value) }
        }
        set("client_encoding", "UTF8")
        for (keyword, value) in Self.wishes where self.value(keyword) == nil { set(keyword, value) }
        let hosts = hosts
        // Of several servers the one that takes writes.
        if hosts.count > 1, value("target_session_attrs") == nil { set("target_session_attrs", "read-write") }
        isLocal = hosts.allSatisfy(Self.isLocal)
        guard isLocal || value("sslmode") == "verify-full" else {
            throw Self.wrong("the server is on another machine and the connection would not be verified")
        }
    }

    /// Reads `postgres://user@host:port/database?sslmode=verify-full`.
    init(url: String) throws(ChatError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"), !url.utf8.contains(0) else {
            throw Self.wrong("it does not begin with postgres://")
        }
        var complaint: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(url, &complaint)
        // It may quote the password.
        unsafe PQfreemem(complaint)
        guard let options = unsafe options else { throw Self.wrong("it is not a URL libpq can read") }
        defer { unsafe PQconninfoFree(options) }
        try self.init(unsafe Self.pairs(of: options).compactMap { pair in pair.value.map { (pair.keyword, $0) } })
    }

    private mutating func set(_ keyword: String, _ value: String) {
        pairs.removeAll { $0.keyword == keyword }
        pairs.append(Pair(keyword: keyword, value: value))
    }

    /// A peer that is gone without a word is noticed in half a minute.
    private static let wishes = [
        ("fallback_application_name", "simple-stream"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
    ]

    private static func wrong(_ problem: String) -> ChatError {
        ChatError(
            .invalidRequest,
            "The database's URL cannot be used: \(problem); accepted: \(PostgresConfiguration.acceptedURLs).",
            isRetryable: false, detail: problem)
    }

    // MARK: libpq's options

    /// All keywords and what libpq takes without a value, from the environment or by itself.
    private static let defaults: [String: String?] = {
        guard let options = unsafe PQconndefaults() else { return [:] }
        defer { unsafe PQconninfoFree(options) }
        return unsafe Dictionary(pairs(of: options).map { ($0.keyword, $0.value) }) { first, _ in first }
    }()

    @unsafe private static func pairs(
        of options: UnsafeMutablePointer<PQconninfoOption>
    ) -> [(keyword: String, value: String?)] {
        var pairs: [(keyword: String, value: String?)] = []
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            let value = unsafe option.pointee.val.map { unsafe String(cString: $0) }
            unsafe pairs.append((String(cString: keyword), value))
            unsafe option += 1
        }
        return pairs
    }

    // MARK: Hosts

    /// Every place that could be connected to; an address decides over the name beside it.
    private var hosts: [String] {
        func list(_ keyword: String) -> [String] {
            value(keyword)?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
        }
        let (names, addresses) = (list("host"), list("hostaddr"))
        return (0..<max(names.count, addresses.count)).map { index in
            let address = addresses.indices.contains(index) ? addresses[index] : ""
            return address.isEmpty && names.indices.contains(index) ? names[index] : address
        }
    }

    /// A directory of a unix socket, which an empty host is too, or a loopback address.
    private static func isLocal(_ host: String) -> Bool {
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return true }
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
