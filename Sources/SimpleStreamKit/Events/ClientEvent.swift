/// A frame a client sends.
package enum ClientEvent: Sendable, Hashable {
    case chat(ChatRequest)
    case cancel(RunReference)
    case subscribe(conversationID: String, messageID: String?, afterSeq: Int)
    case unsubscribe(conversationID: String)
    case typing(conversationID: String)
    case ping(t: Int?)
}

/// A run, named by its message or as the one that is active in a conversation.
package enum RunReference: Sendable, Hashable {
    case message(String)
    case conversation(String)
}

extension ClientEvent {
    /// Reads a frame.
    ///
    /// - Throws: `invalid_message` for what is not an event of a client, `invalid_request` for a wrong field.
    package init(decoding json: [UInt8]) throws(ChatError) { try self.init(Self.parse(json)) }

    /// Reads a frame that was parsed.
    ///
    /// - Throws: `invalid_message` for what is not an event of a client, `invalid_request` for a wrong field.
    package init(_ object: JSONObject) throws(ChatError) { self = try Self.read(FieldReader(object)) }

    /// The request id of a frame that is not carried out, so that the client knows which of its requests failed.
    package static func requestID(in json: [UInt8]) -> String? {
        // A frame without one is answered without one.
        (try? parse(json)).flatMap { requestID(of: $0) }
    }

    /// The same of a frame that was parsed.
    package static func requestID(of object: JSONObject) -> String? {
        guard let id = object["requestId"]?.string, id.count <= 64 else { return nil }
        return id
    }

    package static func parse(_ json: [UInt8]) throws(ChatError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json, .client)
        } catch {
            throw ChatError(.invalidMessage, "The message is \(error).")
        }
        guard let object = value.object else {
            throw ChatError(.invalidMessage, "The message is not a JSON object.")
        }
        return object
    }

    private static func read(_ fields: FieldReader) throws(ChatError) -> ClientEvent {
        guard let type = fields.object["type"]?.string else {
            throw ChatError(.invalidMessage, "The message has no type.")
        }
        switch type {
        case "ai_chat_request":
            return .chat(try ChatRequest(fields))
        case "ai_chat_cancel":
            _ = try fields.int("seenSeq", in: 0...Int(UInt32.max))
            if let id = try fields.id("messageId") { return .cancel(.message(id)) }
            if let id = try fields.id("conversationId") { return .cancel(.conversation(id)) }
            throw FieldReader.wrong("messageId", "given, or conversationId")
        case "stream_subscribe":
            return .subscribe(
                conversationID: try fields.requiredID("conversationId"),
                messageID: try fields.id("messageId"),
                afterSeq: try fields.int("afterSeq", in: 0...Int(UInt32.max)) ?? 0
            )
        case "stream_unsubscribe":
            return .unsubscribe(conversationID: try fields.requiredID("conversationId"))
        case "typing":
            return .typing(conversationID: try fields.requiredID("conversationId"))
        case "ping":
            return .ping(t: fields.object["t"]?.int)
        default:
            throw ChatError(.invalidMessage, "The message's type is not one a client may send.")
        }
    }
}
