import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AccountService {
    /// How long a token of a program that was let in lives.
    private static let deviceTokenLife = Duration.days(90)
    /// Guesses of short codes a user, and an address, has in ten minutes.
    private static let guesses = Rate(10, per: signInTime)

    /// A program's codes.
    struct DeviceCode: Sendable {
        /// The program asks with it.
        var device: Secret
        /// The user types it.
        var user: String
        var expiresIn: Duration
    }

    /// A program wants in.
    func beginDeviceLogin(
        clientName: String, scopes: Set<AccessScope>, address: String?
    ) async throws(ChatError) -> DeviceCode {
        try await counters.spend(
            from: "devices:\(address ?? "")", at: .perHour(60),
            orSay: "Too many programs asked to be let in. Wait a while.")
        let now = now()
        // Codes in use are few among 25 billion: a second collision in a row does not happen.
        for _ in 0..<3 {
            let code = DeviceCode(
                device: AccessToken.make(prefix: "ssd_"), user: DeviceCodes.make(), expiresIn: Self.signInTime)
            let isAdded = try await store.addDeviceLogin(
                DeviceLogin(
                    deviceHash: AccessToken.hash(code.device.reveal()), userCodeHash: AccessToken.hash(code.user),
                    clientName: clientName, scopes: scopes, createdAt: now,
                    expiresAt: now + Self.signInTime.timeInterval))
            if isAdded { return code }
        }
        throw ChatError(.internal, "Something went wrong. Try again.", detail: "no free device code")
    }

    /// The program that waits with a short code; each try is counted against who tries.
    func waitingDevice(_ userCode: String, for user: User, address: String?) async throws(ChatError) -> DeviceLogin {
        try await countGuess(of: user, address)
        guard let code = DeviceCodes.read(userCode),
            let login = try await store.deviceLogin(withUserCodeHash: AccessToken.hash(code))
        else { throw Self.noDevice }
        return login
    }

    /// Lets a program in as `user`, or sends it away.
    func decideDevice(
        _ userCode: String, for user: User, isApproved: Bool, address: String?
    ) async throws(ChatError) {
        try await countGuess(of: user, address)
        guard let code = DeviceCodes.read(userCode) else { throw Self.noDevice }
        let isDone = try await store.decideDeviceLogin(
            withUserCodeHash: AccessToken.hash(code), for: isApproved ? user.id : nil)
        guard isDone else { throw Self.noDevice }
        if isApproved { await audit.note(.deviceApproved, by: user.id, address: address) }
    }

    /// What became of a program that waits: its token once, when it was let in; nil while nobody has decided.
    func takeDeviceToken(_ deviceCode: String, address: String?) async throws(ChatError) -> (APIToken, Secret)? {
        guard let login = try await store.takeDeviceLogin(withHash: AccessToken.hash(deviceCode)) else {
            throw ChatError(.notFound, "This program was not let in: the code was refused, has expired or was used.")
        }
        guard let userID = login.userID else { return nil }
        return try await makeToken(
            of: userID, name: login.clientName, scopes: login.scopes,
            expiresAt: now() + Self.deviceTokenLife.timeInterval, address: address)
    }

    /// Makes a token.
    func makeToken(
        of userID: String, name: String, scopes: Set<AccessScope>, expiresAt: Date?, address: String?
    ) async throws(ChatError) -> (APIToken, Secret) {
        guard try await store.tokens(of: userID).count < 100 else {
            throw ChatError(.invalidRequest, "You have 100 tokens. Delete those you do not use.")
        }
        let secret = AccessToken.make(prefix: AccessToken.apiPrefix)
        let token = APIToken(
            id: UUIDv7.make(), tokenHash: AccessToken.hash(secret.reveal()), userID: userID, name: name,
            scopes: scopes, createdAt: now(), expiresAt: expiresAt)
        try await store.addToken(token)
        await audit.note(
            .tokenCreated, by: userID, ["token": token.id, "name": name, "scopes": scopes.text], address: address)
        return (token, secret)
    }

    private func countGuess(of user: User, _ address: String?) async throws(ChatError) {
        let tooMany = "Too many codes were tried. Wait ten minutes."
        try await counters.spend(from: "codes:u:\(user.id)", at: Self.guesses, orSay: tooMany)
        try await counters.spend(from: "codes:a:\(address ?? "")", at: Rate(100, per: Self.signInTime), orSay: tooMany)
    }

    private static let noDevice = ChatError(
        .notFound, "No program waits with this code. Check it, or begin again: codes live ten minutes.")
}
