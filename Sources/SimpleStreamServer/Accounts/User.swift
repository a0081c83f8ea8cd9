import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who a request is from.
struct User: Sendable, Hashable {
    /// What proved it.
    enum Proof: Sendable, Hashable {
        /// Nothing: nobody, or the one user of a server without accounts.
        case none
        /// A browser's session.
        case session(id: String, authenticatedAt: Date?)
        /// A program's token.
        case token(id: String, expiresAt: Date?)
    }

    let id: String
    let kind: UserAccount.Kind
    let scopes: Set<AccessScope>
    let proof: Proof

    /// Who has no credential. Owns nothing and may do nothing.
    static let nobody = User(id: "", kind: .guest, scopes: [], proof: .none)

    /// The one user of a server without accounts.
    static let local = User(id: "local", kind: .admin, scopes: Set(AccessScope.all), proof: .none)

    /// What the rules for other sites' pages go by.
    var credential: OriginPolicy.Credential {
        switch proof {
        case .none: .none
        case .session: .cookie
        case .token: .bearer
        }
    }

    /// What revoking would take away.
    var revocation: Revocation? {
        switch proof {
        case .none: nil
        case .session(let id, _): .session(id)
        case .token(let id, _): .token(id)
        }
    }
}

extension RequestSource {
    /// What limits go by, of a user's request.
    init(_ user: User, _ client: Client) {
        self.init(isGuest: user.kind == .guest, address: client.address.isEmpty ? nil : client.address, location: client.location)
    }
}
