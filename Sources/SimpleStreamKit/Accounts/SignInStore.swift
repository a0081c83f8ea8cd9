/// Sign-ins under way.
///
/// What has expired, by the store's clock, is not there any more, whether its row is or not.
public protocol SignInStore: Sendable {
    func addSignInAttempt(_ attempt: SignInAttempt) async throws(ChatError)

    /// Takes an attempt out, in one step: whoever asks second gets nil.
    func takeSignInAttempt(withHash stateHash: String) async throws(ChatError) -> SignInAttempt?

    /// Adds a program that waits; false when its short code is in use.
    func addDeviceLogin(_ login: DeviceLogin) async throws(ChatError) -> Bool

    /// The program that waits with that short code and that nobody has let in.
    func deviceLogin(withUserCodeHash userCodeHash: String) async throws(ChatError) -> DeviceLogin?

    /// Lets a program in, or sends it away when `userID` is nil; false when nobody waits with that code, or somebody has
    /// let it in already.
    func decideDeviceLogin(withUserCodeHash userCodeHash: String, for userID: String?) async throws(ChatError) -> Bool

    /// Asks for the program with that long code. One that was let in is taken out in the same step: whoever asks second
    /// gets nil.
    func takeDeviceLogin(withHash deviceHash: String) async throws(ChatError) -> DeviceLogin?

    /// Deletes expired attempts, device logins and sessions, and what deleted users had taken of quotas that begin anew.
    ///
    /// - Returns: up to 100 guests, at least an hour old, who have no session left: nobody can come back as one of them.
    func deleteExpiredSignIns() async throws(ChatError) -> [String]
}
