extension ResponsesQuirks {
    /// OpenAI itself.
    package static let openAI = ResponsesQuirks { $0.models = .openAI }

    /// xAI, which thinks aloud unasked and names its own calls `xs_…`.
    package static let xAI = ResponsesQuirks {
        $0.systemIsMessage = true
        $0.asksForSummary = false
        $0.takesLocation = false
        $0.serverCallPrefixes = ["xs_"]
        $0.models = .xAI
    }

    /// Meta, where text before a call must say that it is commentary.
    package static let meta = ResponsesQuirks {
        $0.marksCommentary = true
        $0.takesLocation = false
        $0.models = .meta
    }

    /// Servers that copied the shape: OpenRouter, LM Studio, the gateways.
    package static let compatible = ResponsesQuirks {
        $0.asksForSummary = false
        $0.sendsCacheKey = false
    }
}
