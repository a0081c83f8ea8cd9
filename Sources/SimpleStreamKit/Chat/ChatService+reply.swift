extension ChatService {
    /// Asks and follows the answer: for programs that embed the engine.
    ///
    /// Leaving the loop does not stop the run; ``stop(_:of:)`` does. The last element is
    /// ``ChatEvent/finished(_:)`` or ``ChatEvent/failed(_:)``.
    ///
    /// - Throws: what ``send(_:of:to:)`` throws.
    public func reply(to request: ChatRequest, of userID: String) async throws(ChatError) -> ChatEvents {
        let reader = MailboxReader(of: userID, in: self)
        return ChatEvents(ticket: try await send(request, of: userID, to: reader.mailbox), reader: reader)
    }
}
