import SimpleStreamKit

// How the protocol shows what is stored.

extension Conversation {
    func json(isShared: Bool) -> JSONValue {
        var value: JSONValue = ["id": .string(id), "title": .string(title)]
        value["createdAt"] = .string(createdAt.iso8601)
        value["updatedAt"] = .string(updatedAt.iso8601)
        value["activeLeafId"] = activeLeafID.map(JSONValue.string) ?? .null
        value["shared"] = .bool(isShared)
        return value
    }
}

extension Message {
    func json(attachments: [Attachment]) -> JSONValue {
        var value: JSONValue = ["id": .string(id), "conversationId": .string(conversationID)]
        value["parentId"] = parentID.map(JSONValue.string) ?? .null
        value["role"] = .string(role.rawValue)
        value["content"] = .string(content)
        value["thinkingText"] = thinkingText.map(JSONValue.string)
        value["thinkingDuration"] = thinkingDuration.map(JSONValue.integer)
        value["provider"] = provider.map(JSONValue.string)
        value["model"] = model.map(JSONValue.string)
        value["status"] = .string(status.rawValue)
        value["stopReason"] = stopReason.map { .string($0.rawValue) }
        value["error"] = failure.map(\.json)
        value["usage"] = usage.map(\.json)
        value["costMicroUSD"] = costMicroUSD.map(JSONValue.integer)
        if role == .assistant {
            value["liked"] = .bool(isLiked)
            value["disliked"] = .bool(isDisliked)
            if !citations.isEmpty { value["citations"] = .array(citations.map(\.json)) }
            if !toolCalls.isEmpty { value["toolCalls"] = .array(toolCalls.map(\.json)) }
            value["seq"] = .integer(materializedSeq)
        }
        value["attachments"] = .array(attachments.map(\.json))
        value["createdAt"] = .string(createdAt.iso8601)
        return value
    }
}

extension Message.Failure {
    var json: JSONValue {
        ["code": .string(code.rawValue), "message": .string(message), "retryable": .bool(retryable)]
    }
}

extension ToolCall {
    var json: JSONValue { ["id": .string(id), "name": .string(name), "arguments": .string(arguments)] }
}

extension Attachment {
    var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "mime": .string(mime), "size": .integer(size),
            "createdAt": .string(createdAt.iso8601),
        ]
    }
}

extension Run {
    func json(seq: Int) -> JSONValue {
        [
            "messageId": .string(message.id), "conversationId": .string(message.conversationID),
            "provider": .string(message.provider ?? ""), "model": .string(message.model ?? ""), "seq": .integer(seq),
            "startedAt": .string(message.createdAt.iso8601),
        ]
    }
}

extension StoredKey {
    var json: JSONValue {
        var value: JSONValue = ["provider": .string(provider), "label": .string(label)]
        value["last4"] = .string(lastFour)
        value["verdict"] = .string(verdict.code.rawValue)
        value["message"] = .string(verdict.message)
        value["checkedAt"] = .string(checkedAt.iso8601)
        value["isDefault"] = .bool(isDefault)
        value["baseURL"] = baseURL.map(JSONValue.string)
        value["createdAt"] = .string(createdAt.iso8601)
        return value
    }
}

extension QuotaUse {
    var json: JSONValue {
        [
            "unit": .string(quota.unit.rawValue), "period": .string(quota.period.rawValue),
            "limit": .integer(quota.limit), "used": .integer(used), "remaining": .integer(remaining),
            "resetsAt": .string(resetsAt.iso8601),
        ]
    }
}

extension KeyUse {
    var json: JSONValue {
        [
            "provider": .string(provider), "messageId": .string(messageID), "usedAt": .string(usedAt.iso8601),
        ]
    }
}

extension UsageSummary {
    var json: JSONValue {
        [
            "provider": .string(provider), "model": .string(model), "messages": .integer(messages),
            "inputTokens": .integer(inputTokens), "outputTokens": .integer(outputTokens),
            "costMicroUSD": .integer(costMicroUSD), "unpricedCalls": .integer(unpricedCalls),
        ]
    }
}
