import Foundation
import SimpleStreamKit

extension StoreConformance {
    static let accountChecks: [Check] = [
        Check("an identity is one user for ever") { bench in
            let store = bench.store
            let identity = Identity(issuer: "https://github.com", subject: "42")
            let first = try await store.signIn(identity, as: user("Ann", bench, email: "ann@example.com"))
            try requireEqual(first.name, "Ann")
            var renamed = user("Anna", bench)
            renamed.kind = .admin
            let again = try await store.signIn(identity, as: renamed)
            try requireEqual(again.id, first.id)
            try requireEqual(again.createdAt, first.createdAt)
            try requireEqual([again.name, again.kind.rawValue, again.email], ["Anna", "admin", nil])
            try requireEqual(await store.user(first.id), again)
            try requireEqual(await store.identities(of: first.id), [identity])
            let elsewhere = Identity(issuer: "https://ghe.example", subject: "42")
            let other = try await store.signIn(elsewhere, as: user("Ann", bench, email: "ann@example.com"))
            try require(other.id != first.id, "the same number or e-mail elsewhere is somebody else")
            try require(await store.user(UUIDv7.make()) == nil)
            let copy = first
            try requireEqual(await bench.code { try await store.addUser(copy) }, .internal)
        },
        Check("two sign-ins at once make one user") { bench in
            let store = bench.store
            let identity = Identity(issuer: "https://id.example", subject: "s")
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<8 {
                    let candidate = user("\(index)", bench)
                    group.addTask { try await store.signIn(identity, as: candidate).id }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            try requireEqual(ids.count, 1)
        },
        Check("sessions are found by their hash until they end") { bench in
            let store = bench.store
            let ann = try await added("Ann", to: bench)
            let session = session("h1", of: ann, bench)
            try await store.addSession(session, replacing: nil)
            try requireEqual(await store.session(withHash: "h1"), SignedInSession(session: session, user: ann))
            try require(await store.session(withHash: session.id) == nil, "an id is no credential")
            try requireEqual(await store.validSessions([session.id, UUIDv7.make()]), [session.id])
            // Expires after 1000 ms unless extended, ends after 3000.
            bench.clock.advance(milliseconds: 999)
            let later = (bench.date + 1).asStored
            try await store.extendSession(session.id, lastSeenAt: bench.date, expiresAt: later)
            bench.clock.advance(milliseconds: 999)
            try requireEqual(await store.session(withHash: "h1")?.session.expiresAt, later)
            bench.clock.advance(milliseconds: 1)
            try require(await store.session(withHash: "h1") == nil)
            try requireEqual(await store.validSessions([session.id]), [])
            try requireEqual(await store.sessions(of: ann.id), [])
            try await store.extendSession(session.id, lastSeenAt: bench.date, expiresAt: bench.date + 100)
            try require(await store.session(withHash: "h1") == nil, "what has expired does not come back")
            let second = UserSession(
                id: UUIDv7.make(), tokenHash: "h2", userID: ann.id, createdAt: bench.date, lastSeenAt: bench.date,
                expiresAt: bench.date + 100, endsAt: bench.date + 1, authenticatedAt: nil)
            try await store.addSession(second, replacing: nil)
            bench.clock.advance(milliseconds: 1000)
            try require(await store.session(withHash: "h2") == nil, "a session ends whatever happens")
        },
        Check("a new session takes the old one's place") { bench in
            let store = bench.store
            let ann = try await added("Ann", to: bench)
            let bob = try await added("Bob", to: bench)
            try await store.addSession(session("old", of: ann, bench), replacing: nil)
            let new = session("new", of: bob, bench)
            try await store.addSession(new, replacing: "old")
            try require(await store.session(withHash: "old") == nil)
            try requireEqual(await store.sessions(of: bob.id), [new])
            try require(!(await store.deleteSession(new.id, of: ann.id)), "only one's own")
            try require(await store.deleteSession(new.id, of: bob.id))
            try require(!(await store.deleteSession(new.id, of: bob.id)))
            try require(await store.session(withHash: "new") == nil)
            var nobody = bob
            nobody = UserAccount(id: UUIDv7.make(), kind: .member, name: nobody.name, createdAt: bench.date)
            let stray = session("stray", of: nobody, bench)
            try requireEqual(
                await bench.code { try await store.addSession(stray, replacing: nil) }, .notFound)
        },
        Check("tokens let in until they end or go") { bench in
            let store = bench.store
            let ann = try await added("Ann", to: bench)
            let bob = try await added("Bob", to: bench)
            let short = token("t1", of: ann, bench, expiresAt: bench.date + 1)
            let long = token("t2", of: ann, bench, expiresAt: nil)
            try await store.addToken(short)
            try await store.addToken(long)
            try requireEqual(await store.token(withHash: "t1"), VerifiedToken(token: short, user: ann))
            try requireEqual(await store.tokens(of: ann.id), [long, short])
            try requireEqual(await store.tokens(of: bob.id), [])
            try await store.markTokenUsed(long.id, at: bench.date)
            try requireEqual(await store.token(withHash: "t2")?.token.lastUsedAt, bench.date)
            try requireEqual(await store.validTokens([short.id, long.id]), [short.id, long.id])
            bench.clock.advance(milliseconds: 1000)
            try require(await store.token(withHash: "t1") == nil)
            try requireEqual(await store.validTokens([short.id, long.id]), [long.id])
            try requireEqual(await store.tokens(of: ann.id).count, 2)
            try require(!(await store.deleteToken(long.id, of: bob.id)))
            try require(await store.deleteToken(long.id, of: ann.id))
            try require(await store.token(withHash: "t2") == nil)
        },
        Check("a sign-in comes back once and in time") { bench in
            let store = bench.store
            let attempt = SignInAttempt(
                stateHash: "s", browserHash: "b", provider: "github", verifier: "v", nonce: "n", returnPath: "/x?y",
                expiresAt: bench.date + 1)
            try await store.addSignInAttempt(attempt)
            try require(await store.takeSignInAttempt(withHash: "other") == nil)
            try requireEqual(await store.takeSignInAttempt(withHash: "s"), attempt)
            try require(await store.takeSignInAttempt(withHash: "s") == nil)
            try await store.addSignInAttempt(attempt)
            bench.clock.advance(milliseconds: 1000)
            try require(await store.takeSignInAttempt(withHash: "s") == nil)
        },
        Check("a device is let in once") { bench in
            let store = bench.store
            let ann = try await added("Ann", to: bench)
            let login = device("d1", "u1", bench)
            try require(await store.addDeviceLogin(login))
            try require(!(await store.addDeviceLogin(device("d2", "u1", bench))), "the short code is in use")
            try requireEqual(await store.takeDeviceLogin(withHash: "d1"), login)
            try requireEqual(await store.deviceLogin(withUserCodeHash: "u1"), login)
            try require(!(await store.decideDeviceLogin(withUserCodeHash: "nope", for: ann.id)))
            try require(await store.decideDeviceLogin(withUserCodeHash: "u1", for: ann.id))
            try require(!(await store.decideDeviceLogin(withUserCodeHash: "u1", for: ann.id)), "decided already")
            try require(await store.deviceLogin(withUserCodeHash: "u1") == nil)
            try requireEqual(await store.takeDeviceLogin(withHash: "d1")?.userID, ann.id)
            try require(await store.takeDeviceLogin(withHash: "d1") == nil)
            try require(await store.addDeviceLogin(device("d3", "u3", bench)))
            try require(await store.decideDeviceLogin(withUserCodeHash: "u3", for: nil))
            try require(await store.takeDeviceLogin(withHash: "d3") == nil, "sent away")
            try require(await store.addDeviceLogin(device("d4", "u4", bench)))
            bench.clock.advance(milliseconds: 1000)
            try require(!(await store.decideDeviceLogin(withUserCodeHash: "u4", for: ann.id)))
            try require(await store.takeDeviceLogin(withHash: "d4") == nil)
        },
        Check("what expired is swept, and guests nobody comes back as are told") { bench in
            let store = bench.store
            let guest = try await added("G", kind: .guest, to: bench)
            let staying = try await added("S", kind: .guest, to: bench)
            let member = try await added("M", to: bench)
            try await store.addSession(session("g", of: guest, bench), replacing: nil)
            try requireEqual(await store.deleteExpiredSignIns(), [])
            bench.clock.advance(milliseconds: 3_600_000)
            try await store.addSession(session("s", of: staying, bench), replacing: nil)
            try requireEqual(await store.deleteExpiredSignIns(), [guest.id])
            try require(await store.user(member.id) != nil)
        },
        Check("audit entries are their user's, newest first") { bench in
            let store = bench.store
            var entries: [AuditEntry] = []
            for index in 0..<5 {
                let entry = AuditEntry(
                    userID: bench.user, action: .signedIn, detail: index == 0 ? [:] : ["n": "\(index)"],
                    address: index == 1 ? nil : "127.0.0.1", createdAt: bench.date)
                try await store.recordAudit(entry)
                entries.insert(entry, at: 0)
            }
            try requireEqual(await store.auditEntries(of: bench.user, before: nil, limit: 2), Array(entries[..<2]))
            try requireEqual(
                await store.auditEntries(of: bench.user, before: entries[1].id, limit: 200), Array(entries[2...]))
            try requireEqual(await store.auditEntries(of: bench.stranger, before: nil, limit: 200), [])
            let code = try await bench.code {
                _ = try await store.auditEntries(of: bench.user, before: nil, limit: 0)
            }
            try requireEqual(code, .invalidRequest)
        },
        Check("a conversation has one link, its owner's") { bench in
            let store = bench.store
            let id = try await bench.turn().conversation.id
            let first = share("t1", of: id, by: bench.user, bench)
            try require(await store.saveShare(first))
            try requireEqual(await store.share(withHash: "t1"), first)
            try require(
                !(await store.saveShare(
                    SharedConversation(
                        tokenHash: "x", conversationID: id, userID: bench.stranger, snapshot: "{}",
                        createdAt: bench.date))))
            try requireEqual(await store.sharedConversations(among: [id, "y"], of: bench.user), [id])
            try requireEqual(await store.sharedConversations(among: [id], of: bench.stranger), [])
            try require(await store.saveShare(share("t2", of: id, by: bench.user, bench)))
            try require(await store.share(withHash: "t1") == nil)
            try require(!(await store.deleteShare(ofConversation: id, of: bench.stranger)))
            try require(await store.deleteShare(ofConversation: id, of: bench.user))
            try require(await store.share(withHash: "t2") == nil)
            try require(await store.saveShare(share("t3", of: id, by: bench.user, bench)))
            _ = try await store.deleteConversation(id, of: bench.user)
            try require(await store.share(withHash: "t3") == nil, "the link goes with its conversation")
        },
    ]

    // MARK: Values

    static func user(_ name: String, kind: UserAccount.Kind = .member, _ bench: StoreBench, email: String? = nil)
        -> UserAccount
    {
        UserAccount(
            id: UUIDv7.make(), kind: kind, name: name, email: email, avatarURL: nil, createdAt: bench.date)
    }

    static func added(_ name: String, kind: UserAccount.Kind = .member, to bench: StoreBench) async throws
        -> UserAccount
    {
        let user = user(name, kind: kind, bench)
        try await bench.store.addUser(user)
        return user
    }

    static func session(_ hash: String, of user: UserAccount, _ bench: StoreBench) -> UserSession {
        UserSession(
            id: UUIDv7.make(), tokenHash: hash, userID: user.id, createdAt: bench.date, lastSeenAt: bench.date,
            expiresAt: bench.date + 1, endsAt: bench.date + 3, authenticatedAt: bench.date)
    }

    static func token(_ hash: String, of user: UserAccount, _ bench: StoreBench, expiresAt: Date?) -> APIToken {
        APIToken(
            id: UUIDv7.make(), tokenHash: hash, userID: user.id, name: "laptop", scopes: [.chat, .read],
            createdAt: bench.date, expiresAt: expiresAt)
    }

    static func device(_ hash: String, _ userCode: String, _ bench: StoreBench) -> DeviceLogin {
        DeviceLogin(
            deviceHash: hash, userCodeHash: userCode, clientName: "ss-cli on box", scopes: [.read],
            createdAt: bench.date, expiresAt: bench.date + 1)
    }

    static func share(_ hash: String, of id: String, by userID: String, _ bench: StoreBench) -> SharedConversation {
        SharedConversation(
            tokenHash: hash, conversationID: id, userID: userID, snapshot: #"{"title":"ä"}"#, createdAt: bench.date)
    }
}
