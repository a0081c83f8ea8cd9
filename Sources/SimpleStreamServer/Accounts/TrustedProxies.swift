import HTTPTypes
import NIOCore
import SimpleStreamKit

/// Whose `X-Forwarded-…` fields are believed: those of connections from these addresses, and of nobody else.
struct TrustedProxies: Sendable {
    private let blocks: [IPPrefix]

    /// Reads addresses and blocks such as `10.0.0.0/8`; nil when one of them is neither.
    init?(_ blocks: [String]) {
        let read = blocks.compactMap { IPPrefix($0) }
        guard read.count == blocks.count else { return nil }
        self.blocks = read
    }

    static let none = TrustedProxies(blocks: [])

    private init(blocks: [IPPrefix]) { self.blocks = blocks }

    func trusts(_ address: IPAddress) -> Bool {
        blocks.contains { $0.contains(address.embedded ?? address) || $0.contains(address) }
    }

    /// Who stands behind a request.
    func client(of request: HTTPRequest, from peer: SocketAddress?, isSecure: Bool) -> Client {
        guard let text = peer?.ipAddress, let address = IPAddress(text) else {
            return Client(address: "", isSecure: isSecure)
        }
        guard trusts(address) else { return Client(address: address.limitKey, isSecure: isSecure) }
        let fields = request.headerFields
        return Client(
            address: origin(of: fields[.xForwardedFor], through: address).limitKey,
            isSecure: Self.last(fields[.xForwardedProto]).map { $0.lowercased() == "https" } ?? isSecure,
            forwardedHost: Self.last(fields[.xForwardedHost]),
            location: Self.location(fields),
            userAgent: fields[.userAgent].flatMap(Profile.userAgent)
        )
    }

    /// The last address of the list that is not one of our proxies: what stands before it, the client may have made up.
    private func origin(of field: String?, through proxy: IPAddress) -> IPAddress {
        var origin = proxy
        for part in (field ?? "").split(separator: ",").reversed() {
            // Some proxies add the port.
            guard let address = Self.address(part) else { return origin }
            origin = address
            guard trusts(address) else { return address }
        }
        return origin
    }

    private static func address(_ text: Substring) -> IPAddress? {
        let bare = text.drop { $0 == " " }.prefix { $0 != " " }
        if let address = IPAddress(bare) { return address }
        return Authority(bare).flatMap { IPAddress($0.host) }
    }

    /// The value the nearest proxy added.
    private static func last(_ field: String?) -> String? {
        let value = field?.split(separator: ",").last?.filter { $0 != " " }
        return value?.isEmpty == false ? value : nil
    }

    /// Cloudflare's and Vercel's names for the same things.
    private static func location(_ fields: HTTPFields) -> ApproximateLocation? {
        func value(_ names: [HTTPField.Name]) -> String? {
            // Vercel escapes what is not ASCII.
            names.lazy.compactMap { fields[$0]?.percentDecoded }.first { !$0.isEmpty && $0.count <= 100 }
        }
        let country = value([.cfIPCountry, .vercelIPCountry]).flatMap(Profile.country)
        let place = ApproximateLocation(
            city: value([.cfIPCity, .vercelIPCity]),
            region: value([.cfRegion, .vercelIPRegion]),
            country: country,
            timeZone: value([.cfTimezone, .vercelIPTimezone]).flatMap(Profile.timeZone)
        )
        return place == ApproximateLocation() ? nil : place
    }
}

extension HTTPField.Name {
    static let xForwardedFor = parsed("X-Forwarded-For")
    static let xForwardedProto = parsed("X-Forwarded-Proto")
    static let xForwardedHost = parsed("X-Forwarded-Host")
    static let cfIPCountry = parsed("CF-IPCountry")
    static let cfIPCity = parsed("CF-IPCity")
    static let cfRegion = parsed("CF-Region")
    static let cfTimezone = parsed("CF-Timezone")
    static let vercelIPCountry = parsed("X-Vercel-IP-Country")
    static let vercelIPCity = parsed("X-Vercel-IP-City")
    static let vercelIPRegion = parsed("X-Vercel-IP-Country-Region")
    static let vercelIPTimezone = parsed("X-Vercel-IP-Timezone")
}
