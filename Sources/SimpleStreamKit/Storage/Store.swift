/// Everything that is kept: one protocol per aspect, so that each stays small.
///
/// Rules for every aspect:
/// - A call that returned is durable, in the adapter's sense of the word.
/// - A call that threw `storage_unavailable` changed nothing, or the adapter read back and made sure.
/// - Objects are found by id *and* owner in one query; a foreign id answers like an unknown one.
/// - Cancelling the task stops no change: it is made whole or not at all. A read may throw `cancelled`.
/// - U+0000 in a title or a text is kept as U+FFFD; not every database can hold it.
/// - Leases and creation order go by the store's clock.
public typealias Store = ConversationStore & RunStore & RecoveryStore & KeyStore & UsageStore & AttachmentStore
    & SettingsStore & QuotaStore & VaultStore & UserStore & SessionStore & TokenStore & SignInStore & AuditStore
    & ShareStore
