import Testing

@testable import SimpleStreamKit

/// What users tell about themselves.
@Suite struct ProfileTests {
    private func apply(_ changes: JSONValue, to profile: Profile = Profile()) throws -> Profile {
        var profile = profile
        try profile.apply(FieldReader(changes.object ?? JSONObject()))
        return profile
    }

    @Test func fieldsAreCheckedAndKept() throws {
        let profile = try apply([
            "name": "Ana", "city": "São Paulo", "region": "SP", "country": "br", "timeZone": "America/Sao_Paulo",
            "locale": "pt-BR", "userAgent": "Browser/1.0 (X11)", "shareLocation": true, "unknown": 7,
        ])
        #expect(profile.country == "BR")
        #expect(Profile(stored: profile.json.object ?? JSONObject()) == profile)
        #expect(profile.json["unknown"] == nil)
        let changed = try apply(["city": .null, "shareLocation": false, "locale": ""], to: profile)
        #expect(changed.city == nil && changed.locale == nil && !changed.sharesLocation)
        #expect(changed.name == "Ana")
    }

    @Test(
        arguments: [
            ("country", "Brazil" as JSONValue), ("country", "B1"), ("country", "XX"), ("country", 55),
            ("timeZone", "../etc/passwd"), ("timeZone", "Europe//Paris"), ("timeZone", "a b"), ("locale", "p"),
            ("locale", "pt_BR"), ("locale", "pt-"), ("city", "two\nlines"), ("name", "\u{1B}[31m"),
            ("userAgent", 1), ("userAgent", .string(String(repeating: "x", count: 513))), ("shareLocation", "yes"),
            ("city", .string(String(repeating: "x", count: 101))),
        ]
    )
    func othersAreRefusedByName(name: String, value: JSONValue) throws {
        var profile = Profile(city: "Here")
        var changes: JSONValue = ["region": "New"]
        changes[name] = value
        let error = #expect(throws: ChatError.self) {
            try profile.apply(FieldReader(changes.object ?? JSONObject()))
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.contains(name) == true)
        #expect(profile == Profile(city: "Here"))
    }

    @Test(arguments: [
        ("A/1 (\u{1B}[31mX11\u{9B}0m)\r\nSet-Cookie: a=b", "A/1 ([31mX110m)Set-Cookie: a=b"), (" \t\n", nil), ("", nil),
        ("\u{7F}", nil), (String(repeating: "é", count: 512), String(repeating: "é", count: 512)),
    ])
    func userAgentsAreKeptOnOneLine(text: String, kept: String?) throws {
        #expect(try apply(["userAgent": .string(text)], to: Profile(userAgent: "old")).userAgent == kept)
        #expect(Profile.userAgent(text) == kept)
        // From a header, which nobody can be told about, more is cut off.
        #expect(Profile.userAgent(text + String(repeating: "x", count: 600)).map { $0.count } == 512)
    }

    @Test func placesAreNotMixed() {
        let seen = ApproximateLocation(city: "Porto", region: "13", country: "PT", timeZone: "Europe/Lisbon")
        #expect(Profile().location(seenAt: seen) == nil)
        #expect(Profile(sharesLocation: true).location(seenAt: nil) == nil)
        #expect(Profile(sharesLocation: true).location(seenAt: seen) == seen)
        #expect(
            Profile(city: "Berlin", sharesLocation: true).location(seenAt: seen)
                == ApproximateLocation(city: "Berlin", timeZone: "Europe/Lisbon"))
    }
}
