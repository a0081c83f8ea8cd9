import SimpleStreamKit

extension OpenAPI {
    /// What the endpoints' bodies and answers hold.
    static var schemas: JSONValue {
        var schemas = JSONObject()
        for (name, schema) in objects + inputs + accounts { schemas[name] = schema }
        return .object(schemas)
    }

    private static let objects: [(String, JSONValue)] = [
        (
            "Error",
            object(
                ["error": object(["code": text, "message": text, "requestId": text], required: ["code", "message"])],
                required: ["error"])
        ),
        ("Health", object(["status": text, "version": text], required: ["status", "version"])),
        (
            "Readiness",
            object(
                ["status": choice("ready", "draining", "unavailable"), "dependencies": map(of: choice("up", "down"))],
                required: ["status"])
        ),
        (
            "Conversation",
            object(
                [
                    "id": text, "title": text, "createdAt": time, "updatedAt": time, "activeLeafId": nullable("string"),
                    "shared": flag,
                ], required: ["id", "title", "createdAt", "updatedAt", "activeLeafId", "shared"])
        ),
        ("Message", message),
        (
            "Run",
            object(
                [
                    "messageId": text, "conversationId": text, "provider": text, "model": text, "seq": number,
                    "startedAt": time,
                ], required: ["messageId", "conversationId", "provider", "model", "seq", "startedAt"])
        ),
        (
            "Model",
            object(
                [
                    "id": text, "provider": text, "displayName": text, "contextWindow": nullable("integer"),
                    "maxOutput": nullable("integer"),
                    "modalities": object(["input": list(of: text), "output": list(of: text)], required: []),
                    "reasoning": ["type": ["array", "null"], "items": text], "available": flag,
                    "keySource": choice("user", "operator", "none"), "sampling": nullable("string"), "verbosity": flag,
                    "tools": nullable("boolean"), "webSearch": nullable("boolean"), "price": nullable("object"),
                    "deprecated": flag, "shutdown": text, "note": text,
                ], required: ["id", "provider", "displayName", "available", "keySource"])
        ),
        (
            "Provider",
            object(["name": text, "keySource": choice("user", "operator", "none")], required: ["name", "keySource"])
        ),
        (
            "Key",
            object(
                [
                    "provider": text, "label": text, "last4": text, "verdict": text, "checkedAt": time,
                    "isDefault": flag, "baseURL": text, "createdAt": time, "sameKeyAs": list(of: text),
                ], required: ["provider", "label", "last4", "verdict", "checkedAt", "isDefault", "createdAt"])
        ),
        (
            "KeyUse",
            object(
                ["provider": text, "messageId": text, "usedAt": time], required: ["provider", "messageId", "usedAt"])
        ),
        ("RevealedKey", object(["provider": text, "key": text], required: ["provider", "key"])),
        (
            "Profile",
            object(
                [
                    "name": text, "city": text, "region": text, "country": text, "timeZone": text, "locale": text,
                    "userAgent": text, "shareLocation": flag, "seen": ["type": "object"],
                ], required: [])
        ),
        ("Verdict", object(["verdict": text, "message": text], required: ["verdict", "message"])),
        (
            "Attachment",
            object(
                ["id": text, "name": text, "mime": text, "size": number, "createdAt": time],
                required: ["id", "name", "mime", "size", "createdAt"])
        ),
        ("Document", ["type": "object", "additionalProperties": true]),
        (
            "Usage",
            object(
                [
                    "from": time, "to": time, "messages": number, "inputTokens": number, "outputTokens": number,
                    "costMicroUSD": number, "unpricedCalls": number,
                    "quotas": list(
                        of: object(
                            [
                                "unit": choice("messages", "tokens", "micro_usd"), "period": choice("day", "month"),
                                "limit": number, "used": number, "remaining": number, "resetsAt": time,
                            ], required: ["unit", "period", "limit", "used", "remaining", "resetsAt"])),
                    "storage": object(["used": number, "limit": number], required: ["used"]),
                    "items": list(
                        of: object(
                            [
                                "provider": text, "model": text, "messages": number, "inputTokens": number,
                                "outputTokens": number, "costMicroUSD": number, "unpricedCalls": number,
                            ], required: ["provider", "model"])),
                ], required: ["from", "to", "items"])
        ),
    ]

    private static let message = object(
        [
            "id": text, "conversationId": text, "parentId": nullable("string"),
            "role": choice("user", "assistant", "system"), "content": text, "thinkingText": text,
            "thinkingDuration": number, "provider": text, "model": text,
            "status": choice("complete", "streaming", "cancelled", "interrupted", "failed"), "stopReason": text,
            "error": object(["code": text, "message": text, "retryable": flag], required: ["code", "message"]),
            "usage": object(
                [
                    "inputTokens": number, "cachedInputTokens": number, "outputTokens": number,
                    "reasoningTokens": number, "estimated": flag,
                ], required: ["inputTokens", "outputTokens"]),
            "costMicroUSD": number, "liked": flag, "disliked": flag,
            "citations": list(of: ["type": "object"]), "toolCalls": list(of: ["type": "object"]), "seq": number,
            "attachments": list(of: ["$ref": "#/components/schemas/Attachment"]), "createdAt": time,
        ],
        required: ["id", "conversationId", "parentId", "role", "content", "status", "attachments", "createdAt"])

    private static let inputs: [(String, JSONValue)] = [
        ("ConversationChange", object(["title": short(200), "activeLeafId": text], required: [])),
        ("Rating", object(["liked": flag, "disliked": flag], required: [])),
        (
            "NewKey",
            object(["key": text, "label": short(100), "baseURL": text, "isDefault": flag], required: ["key"])
        ),
        (
            "ChatRequest",
            object(
                [
                    "conversationId": ["type": "string", "description": "new-chat or an id."], "prompt": text,
                    "provider": text, "requestId": short(64), "model": text, "systemPrompt": text,
                    "reasoningEffort": choice("none", "minimal", "low", "medium", "high", "xhigh", "max"),
                    "outputVerbosity": choice("low", "medium", "high"),
                    "temperature": ["type": "number", "minimum": 0, "maximum": 2],
                    "topP": ["type": "number", "minimum": 0, "maximum": 1],
                    "maxTokens": ["type": "integer", "minimum": 1], "webSearch": flag, "attachments": list(of: text),
                    "parentMessageId": text, "regenerate": text, "metadata": ["type": "object"],
                ], required: ["conversationId", "prompt", "provider"])
        ),
    ]

    // MARK: Parts

    static let text: JSONValue = ["type": "string"]
    static let time: JSONValue = ["type": "string", "format": "date-time"]
    static let flag: JSONValue = ["type": "boolean"]
    static let number: JSONValue = ["type": "integer"]

    static func nullable(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }

    static func short(_ length: Int) -> JSONValue { ["type": "string", "maxLength": .integer(length)] }

    static func choice(_ words: String...) -> JSONValue {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }

    static func list(of items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    static func map(of values: JSONValue) -> JSONValue { ["type": "object", "additionalProperties": values] }

    static func object(_ properties: JSONValue, required: [String]) -> JSONValue {
        var schema: JSONValue = ["type": "object", "properties": properties]
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return schema
    }
}
