/// Who a request is from.
struct User: Sendable, Hashable {
    let id: String
    /// What proved it.
    let credential: OriginPolicy.Credential
}
