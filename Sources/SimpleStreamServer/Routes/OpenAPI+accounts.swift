import SimpleStreamKit

extension OpenAPI {
    /// What is about accounts.
    static let accounts: [(String, JSONValue)] = [
        (
            "Session",
            object(
                [
                    "user": object(
                        [
                            "id": text, "kind": choice("local", "guest", "member", "admin"), "name": text,
                            "email": text, "avatarURL": text,
                        ], required: ["id", "kind"]),
                    "authMode": choice("local", "accounts"), "scopes": scopes,
                ], required: ["user", "authMode"])
        ),
        (
            "SignInMethods",
            object(
                [
                    "authMode": choice("local", "accounts"), "guests": flag,
                    "methods": list(
                        of: object(["id": text, "name": text, "url": text], required: ["id", "name", "url"])),
                ], required: ["authMode", "guests", "methods"])
        ),
        ("Token", object(token, required: ["id", "name", "scopes", "createdAt", "expiresAt", "lastUsedAt"])),
        (
            "NewToken",
            object(
                token.adding("token", text),
                required: ["id", "name", "scopes", "createdAt", "expiresAt", "lastUsedAt", "token"])
        ),
        (
            "TokenRequest",
            object(
                ["name": short(100), "scopes": scopes, "expiresInDays": ["type": "integer", "minimum": 1]],
                required: ["name"])
        ),
        ("DeviceRequest", object(["clientName": short(100), "scopes": scopes], required: [])),
        (
            "DeviceCodes",
            object(
                [
                    "deviceCode": text, "userCode": text, "verificationURL": text, "verificationURLComplete": text,
                    "expiresInSeconds": number, "intervalSeconds": number,
                ],
                required: ["deviceCode", "userCode", "verificationURL", "expiresInSeconds", "intervalSeconds"])
        ),
        ("DevicePoll", object(["deviceCode": text], required: ["deviceCode"])),
        ("UserCode", object(["userCode": text], required: ["userCode"])),
        (
            "WaitingDevice",
            object(
                ["clientName": text, "scopes": scopes, "createdAt": time],
                required: ["clientName", "scopes", "createdAt"])
        ),
        ("Decision", object(["userCode": text, "approve": flag], required: ["userCode", "approve"])),
        (
            "AuditEntry",
            object(
                [
                    "id": text, "action": text, "detail": map(of: text), "address": nullable("string"),
                    "createdAt": time,
                ], required: ["id", "action", "detail", "address", "createdAt"])
        ),
        ("Share", object(["url": text, "createdAt": time], required: ["url", "createdAt"])),
        (
            "SharedConversation",
            object(
                [
                    "title": text, "sharedAt": time,
                    "messages": list(
                        of: object(
                            [
                                "role": choice("user", "assistant"), "content": text, "provider": text, "model": text,
                                "citations": list(of: ["type": "object"]), "createdAt": time,
                            ], required: ["role", "content", "createdAt"])),
                ], required: ["title", "sharedAt", "messages"])
        ),
    ]

    private static let scopes = list(of: choice("chat", "read", "keys", "admin", "ops"))

    private static let token: JSONValue = [
        "id": text, "name": text, "scopes": scopes, "createdAt": time, "expiresAt": nullable("string"),
        "lastUsedAt": nullable("string"),
    ]
}

extension JSONValue {
    fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        var copy = self
        copy[key] = value
        return copy
    }
}
