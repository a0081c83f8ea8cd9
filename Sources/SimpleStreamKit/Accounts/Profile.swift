/// What a user tells about themselves: how to greet them, and where they are, when they agree to its use.
public struct Profile: Sendable, Hashable {
    /// What to call the user.
    public var name: String?
    public var city: String?
    public var region: String?
    /// ISO 3166-1 alpha-2, in capitals.
    public var country: String?
    /// An IANA name, such as Europe/Paris.
    public var timeZone: String?
    /// A BCP 47 tag, such as pt-BR.
    public var locale: String?
    /// What the user's browser or program calls itself, such as `Mozilla/5.0 (X11; Linux x86_64) …`. Kept for its owner:
    /// no provider is told.
    public var userAgent: String?
    /// Whether web searches may be told roughly where the user is. Default false.
    public var sharesLocation: Bool

    public init(
        name: String? = nil, city: String? = nil, region: String? = nil, country: String? = nil,
        timeZone: String? = nil, locale: String? = nil, userAgent: String? = nil, sharesLocation: Bool = false
    ) {
        self.name = name
        self.city = city
        self.region = region
        self.country = country
        self.timeZone = timeZone
        self.locale = locale
        self.userAgent = userAgent
        self.sharesLocation = sharesLocation
    }

    /// Where a web search may be told the user is: nowhere unless they agreed. What they said themselves goes before what
    /// a proxy thinks.
    public func location(seenAt seen: ApproximateLocation?) -> ApproximateLocation? {
        guard sharesLocation else { return nil }
        var place = ApproximateLocation(city: city, region: region, country: country, timeZone: timeZone)
        // One place or the other: a city of the one in a country of the other is nowhere.
        if city == nil, region == nil, country == nil {
            (place.city, place.region, place.country) = (seen?.city, seen?.region, seen?.country)
        }
        place.timeZone = timeZone ?? seen?.timeZone
        return place == ApproximateLocation() ? nil : place
    }
}

// MARK: - Fields

extension Profile {
    /// The name of the stored document.
    package static let document = "profile"

    /// Reads a stored document; what does not belong there is left out.
    package init(stored object: JSONObject) {
        self.init()
        for member in object.members {
            var one = JSONObject()
            one[member.key] = member.value
            // Stored by an older version with other rules: that field is as if it had never been given.
            try? apply(FieldReader(one))
        }
    }

    /// Changes the fields that are given; null removes one.
    ///
    /// - Throws: `invalid_request` that names the field; then nothing has changed.
    package mutating func apply(_ changes: FieldReader) throws(ChatError) {
        var new = self
        for member in changes.object.members {
            switch member.key {
            case "name": new.name = try Self.text("name", changes)
            case "city": new.city = try Self.text("city", changes)
            case "region": new.region = try Self.text("region", changes)
            case "country":
                new.country = try Self.checked("country", changes, "two letters such as PT", Self.country)
            case "timeZone":
                new.timeZone = try Self.checked("timeZone", changes, "a name such as Europe/Lisbon", Self.timeZone)
            case "locale":
                new.locale = try Self.checked("locale", changes, "a language tag such as pt-PT", Self.locale)
            case "userAgent":
                let text = try changes.string("userAgent", upTo: Self.userAgentLength)
                new.userAgent = text.flatMap(Self.userAgent)
            case "shareLocation": new.sharesLocation = try changes.bool("shareLocation") ?? false
            default: break
            }
        }
        self = new
    }

    /// As REST shows it and as it is stored.
    package var json: JSONValue {
        var value: JSONValue = ["shareLocation": .bool(sharesLocation)]
        let texts = [
            ("name", name), ("city", city), ("region", region), ("country", country), ("timeZone", timeZone),
            ("locale", locale), ("userAgent", userAgent),
        ]
        for (name, text) in texts { value[name] = text.map(JSONValue.string) }
        return value
    }

    private static func text(_ name: String, _ fields: FieldReader) throws(ChatError) -> String? {
        guard let text = try fields.string(name, upTo: 100) else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isPlain else { throw FieldReader.wrong(name, "a text on one line") }
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }

    private static func checked(
        _ name: String, _ fields: FieldReader, _ accepted: String, _ check: (String) -> String?
    ) throws(ChatError) -> String? {
        guard let text = try fields.string(name, upTo: 100), !text.isEmpty else { return nil }
        guard let value = check(text) else { throw FieldReader.wrong(name, accepted) }
        return value
    }

    /// A country's code in capitals; nil for anything else, such as Cloudflare's XX and T1.
    package static func country(_ text: String) -> String? {
        let code = text.uppercased()
        let isCode = code.utf8.count == 2 && code.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        return isCode && code != "XX" ? code : nil
    }

    /// A time zone's name by its form; nil for anything else.
    package static func timeZone(_ text: String) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isName =
            text.utf8.count <= 64 && parts.count <= 3
            && parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy(isNameByte) }
        return isName ? text : nil
    }

    /// A language tag by its form; nil for anything else.
    package static func locale(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isTag =
            text.utf8.count <= 35 && (2...8).contains(parts.first?.utf8.count ?? 0)
            && parts.allSatisfy { part in
                (1...8).contains(part.utf8.count) && part.utf8.allSatisfy { isNameByte($0) && $0 > 0x2F && $0 != 0x5F }
            }
        return isTag ? text : nil
    }

    /// The longest ``userAgent``, in characters; browsers send up to 250.
    private static let userAgentLength = 512

    /// What a client calls itself, on one line and with its end cut off; nil for nothing.
    ///
    /// Nobody types it, so what does not belong there is dropped and not refused.
    package static func userAgent(_ text: String) -> String? {
        let plain = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let agent = String(String.UnicodeScalarView(plain)).prefix(userAgentLength)
        return agent.allSatisfy(\.isWhitespace) ? nil : String(agent)
    }

    /// A letter, a digit, `_`, `+` or `-`.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension ChatService {
    /// The user's profile; an empty one when there is none.
    package func profile(of userID: String) async throws(ChatError) -> Profile {
        guard let text = try await store.document(Profile.document, of: userID) else { return Profile() }
        // We wrote it: anything else is damage, and an empty profile can be filled again.
        return Profile(stored: (try? JSONValue(parsing: text))?.object ?? JSONObject())
    }
}
