import Testing

@testable import SimpleStreamKit

/// Rows of the original system, encrypted by another implementation of AES-GCM (Python's cryptography).
@Suite struct ImportedKeyTests {
    private let key = [UInt8](0..<32)

    private static func row(_ changes: [String: JSONValue] = [:]) -> JSONObject {
        var row: JSONValue = [
            "id": "cm1", "userId": "clx0001", "provider": "OPENAI", "label": "Mine", "isDefault": true,
            "apiKey": "3f5ec4ff3211994242e40cf57425e78307c8da1c0295d01fa38eea",
            "iv": "030a11181f262d343b424950575e656c", "authTag": "22388ed9f8a8f0100780e6661ee16bc7",
        ]
        for (name, value) in changes { row[name] = value }
        return row.object ?? JSONObject()
    }

    @Test func aRowOpens() throws {
        let imported = try ImportedKey(FieldReader(Self.row()))
        #expect(imported.userID == "clx0001")
        #expect(imported.provider == "openai")
        #expect(imported.label == "Mine")
        #expect(imported.isDefault)
        #expect(try imported.open(with: key).reveal() == "sk-proj-original-0123456789")
    }

    @Test func anotherRowOpens() throws {
        let imported = try ImportedKey(
            FieldReader(
                Self.row([
                    "userId": "clx0002", "provider": "GROK", "label": .null, "isDefault": false,
                    "apiKey": "e1e566a8b04d657b6d6a49fe037b0588eb03719ec7a618f7cf3b",
                    "iv": "131a21282f363d444b525960676e757c", "authTag": "177fdde7354f69d29a380b96ebcd002f",
                ])))
        #expect(imported.provider == "xai")
        #expect(imported.label.isEmpty)
        #expect(try imported.open(with: key).reveal() == "xai-original-ünïcode-key")
    }

    @Test(
        arguments: [
            ["apiKey": "3f5ec4ff3211994242e40cf57425e78307c8da1c0295d01fa38eeb"],
            ["iv": "030a11181f262d343b424950575e656d"], ["authTag": "22388ed9f8a8f0100780e6661ee16bc8"],
        ] as [[String: JSONValue]]
    )
    func aChangedRowDoesNotOpen(changes: [String: JSONValue]) throws {
        let imported = try ImportedKey(FieldReader(Self.row(changes)))
        let error = #expect(throws: ChatError.self) { try imported.open(with: key) }
        #expect(error?.code == .invalidRequest)
    }

    @Test func anotherKeyDoesNotOpen() throws {
        let imported = try ImportedKey(FieldReader(Self.row()))
        for key in [[UInt8](1..<33), [], [UInt8](0..<16)] {
            #expect(throws: ChatError.self) { try imported.open(with: key) }
        }
    }

    @Test(
        arguments: [
            ("iv", "00" as JSONValue), ("iv", "zz0a11181f262d343b424950575e656c"), ("authTag", ""), ("apiKey", "abc"),
            ("apiKey", ""), ("userId", ""), ("userId", .null), ("provider", 7), ("isDefault", "yes"),
        ]
    )
    func aMalformedRowNamesItsField(name: String, value: JSONValue) {
        let error = #expect(throws: ChatError.self) { try ImportedKey(FieldReader(Self.row([name: value]))) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.contains(name) == true)
    }
}
