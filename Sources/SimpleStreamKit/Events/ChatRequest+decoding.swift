extension ChatRequest {
    /// Reads the fields of an `ai_chat_request`.
    package init(_ fields: FieldReader) throws(ChatError) {
        let conversation = try fields.requiredID("conversationId")
        let parent = try fields.id("parentMessageId")
        self.init(
            try fields.requiredString("prompt"),
            conversationID: conversation == "new-chat" ? nil : conversation,
            provider: try fields.requiredID("provider"),
            model: try fields.id("model"),
            systemPrompt: try fields.string("systemPrompt"),
            requestID: try fields.string("requestId", upTo: 64),
            options: try GenerationOptions(fields),
            attachmentIDs: try fields.strings("attachments", upTo: 32),
            parentMessageID: parent == "root" ? nil : parent,
            regenerate: try fields.id("regenerate"),
            responseSchema: try fields.object("responseSchema").map { JSONValue.object($0).text }
        )
        startsAtRoot = parent == "root"
        // The original protocol's name.
        if provider == "grok" { provider = "xai" }
        try Self.checkMetadata(fields)
    }

    /// Metadata is the client's own: its size is checked, and it is not kept.
    private static func checkMetadata(_ fields: FieldReader) throws(ChatError) {
        guard let metadata = try fields.object("metadata") else { return }
        var bytes: [UInt8] = []
        JSONValue.object(metadata).append(to: &bytes)
        guard metadata.count <= 32, bytes.count <= 4096 else {
            throw FieldReader.wrong("metadata", "an object of at most 32 keys and 4 KiB")
        }
    }
}

extension GenerationOptions {
    init(_ fields: FieldReader) throws(ChatError) {
        self.init(
            reasoningEffort: try fields.choice(
                "reasoningEffort",
                of: ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
            ),
            outputVerbosity: try fields.choice("outputVerbosity", of: ["low", "medium", "high"]),
            temperature: try fields.double("temperature", in: 0...2),
            topP: try fields.double("topP", in: 0...1),
            maxTokens: try fields.int("maxTokens", in: 1...10_000_000),
            webSearch: try fields.bool("webSearch"),
            location: try fields.object("location").map { place throws(ChatError) in
                try ApproximateLocation(FieldReader(place))
            }
        )
    }
}

extension ApproximateLocation {
    init(_ fields: FieldReader) throws(ChatError) {
        self.init(
            city: try fields.string("city", upTo: 100),
            region: try fields.string("region", upTo: 100),
            country: try fields.string("country", upTo: 2),
            timeZone: try fields.string("timeZone", upTo: 100)
        )
    }
}
