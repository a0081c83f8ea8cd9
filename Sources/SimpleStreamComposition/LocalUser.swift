/// The one user of an installation without accounts.
package enum LocalUser {
    /// Whose everything is, for the server in local mode and for the command line on the same file.
    package static let id = "local"
}
