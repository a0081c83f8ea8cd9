extension Message {
    /// The message as a store keeps it: under `parentID`, its time in milliseconds, its texts without U+0000.
    package func stored(under parentID: String?) -> Message {
        var copy = Message(
            id: id,
            conversationID: conversationID,
            parentID: parentID,
            role: role,
            content: content.asStored,
            provider: provider,
            model: model,
            status: status,
            createdAt: createdAt.asStored
        )
        copy.thinkingText = thinkingText?.asStored
        copy.thinkingDuration = thinkingDuration
        copy.stopReason = stopReason
        copy.failure = failure
        copy.usage = usage
        copy.costMicroUSD = costMicroUSD
        copy.isLiked = isLiked
        copy.isDisliked = isDisliked
        copy.attachmentIDs = attachmentIDs
        copy.citations = citations
        copy.toolCalls = toolCalls
        copy.providerState = providerState
        copy.materializedSeq = materializedSeq
        return copy
    }

    /// This row with what a run's end makes of it; what the user did meanwhile stays.
    package func finished(as answer: Message, attachmentIDs: [String]) -> Message {
        var copy = self
        copy.content = answer.content.asStored
        copy.thinkingText = answer.thinkingText?.asStored
        copy.thinkingDuration = answer.thinkingDuration
        copy.provider = answer.provider
        copy.model = answer.model
        copy.status = answer.status
        copy.stopReason = answer.stopReason
        copy.failure = answer.failure
        copy.usage = answer.usage
        copy.costMicroUSD = answer.costMicroUSD
        copy.attachmentIDs = attachmentIDs
        copy.citations = answer.citations
        copy.toolCalls = answer.toolCalls
        copy.providerState = answer.providerState
        copy.materializedSeq = answer.materializedSeq
        return copy
    }
}

extension String {
    /// The text as every database can hold it: U+FFFD in place of U+0000.
    package var asStored: String {
        guard utf8.contains(0) else { return self }
        var copy = String.UnicodeScalarView()
        copy.append(contentsOf: unicodeScalars.lazy.map { $0.value == 0 ? "\u{FFFD}" : $0 })
        return String(copy)
    }
}
