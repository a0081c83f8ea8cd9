import HTTPTypes
import Hummingbird
import Logging
import SimpleStreamKit

extension API {
    /// Shows a user their own key.
    ///
    /// Whoever has the key can spend the user's money, so a stolen token is not enough: it takes a browser on one of our
    /// own pages, and its owner's other connections hear of it.
    func revealKey(_ request: APIRequest) async throws -> Response {
        try checkMayReveal(request)
        guard let vault = chat.vault else { throw ChatError(.forbidden, "This server keeps no keys.") }
        let provider = try request.path("provider")
        // Counted before it is looked for, so that guessing names counts, too.
        try await limiter.revealed(by: request.user.id)
        guard let stored = try await chat.store.key(for: provider, of: request.user.id) else {
            throw ChatError(.notFound, "There is no such key.")
        }
        // Written down before it is shown: what cannot be written down is not shown.
        guard
            await audit.note(
                .keyRevealed, by: request.user.id, ["provider": provider], address: request.address)
        else {
            throw ChatError(.storageUnavailable, "The key cannot be shown now: nothing can be written down.")
        }
        let key = try vault.open(stored.box, context: stored.context)
        request.context.logger.notice(
            "A saved key was shown to its owner",
            metadata: [
                "ss.user.id": "\(request.user.id)", "ss.provider": "\(provider)",
                "ss.client.address": "\(request.client.address)", "ss.request.id": "\(request.context.requestID)",
            ])
        chat.notify(
            request.user.id, Notice.keyUpdated(userID: request.user.id, provider: provider, action: "revealed"))
        return .json(["provider": .string(provider), "key": .string(key.reveal())])
    }

    /// Only a page of ours: what a browser says of the page, not what it leaves out.
    private func checkMayReveal(_ request: APIRequest) throws(HTTPRefusal) {
        guard request.user.credential != .bearer else {
            throw HTTPRefusal(.forbidden, .forbidden, "Tokens cannot show saved keys; use the web page.")
        }
        let origin = RequestOrigin(request.request.head)
        let isOurs = origin.isAllowed(by: configuration.originPolicy, credential: .cookie)
        guard isOurs, origin.origin != nil || origin.fetchSite == "same-origin" else {
            throw HTTPRefusal(.forbidden, .forbidden, "Saved keys are shown on the server's own page only.")
        }
    }
}
