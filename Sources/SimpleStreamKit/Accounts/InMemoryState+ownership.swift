#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension InMemoryState {
    /// Gives everything that belongs to one user to another.
    mutating func moveEverything(of guestID: String, to userID: String, keys newKeys: [StoredKey]) {
        let moved = conversationIDs.removeValue(forKey: guestID) ?? []
        for id in moved { moveConversation(id, to: userID) }
        conversationIDs[userID, default: []].formUnion(moved)
        messageIDsByRequest = messageIDsByRequest.filter { $0.key.userID != guestID }
        for (id, row) in attachments where row.attachment.userID == guestID {
            attachments[id]?.attachment = Attachment(
                id: id, userID: userID, name: row.attachment.name, mime: row.attachment.mime,
                size: row.attachment.size, createdAt: row.attachment.createdAt)
        }
        let records = usage.removeValue(forKey: guestID) ?? []
        usage[userID, default: []] += records.map { record in
            var record = record
            record.userID = userID
            return record
        }
        for (scope, document) in documents where scope.userID == guestID {
            documents[scope] = nil
            let target = UserScoped(userID: userID, name: scope.name)
            documents[target] = documents[target] ?? document
        }
        let guests = Set(keys.keys.filter { $0.userID == guestID }.map(\.name))
        keys = keys.filter { $0.key.userID != guestID }
        for key in newKeys where key.userID == userID && guests.contains(key.provider) {
            if keys[UserScoped(userID: userID, name: key.provider)] == nil { save(key) }
        }
        for index in keyUses.indices where keyUses[index].userID == guestID { keyUses[index].userID = userID }
        let entries = accounts.audit.removeValue(forKey: guestID) ?? []
        accounts.audit[userID, default: []] += entries.map { $0.stored(for: userID) }
    }

    private mutating func moveConversation(_ id: String, to userID: String) {
        guard let row = conversations[id] else { return }
        conversations[id]?.conversation = Conversation(
            id: id, userID: userID, title: row.conversation.title, createdAt: row.conversation.createdAt,
            updatedAt: row.conversation.updatedAt, activeLeafID: row.conversation.activeLeafID)
        for messageID in row.messageIDs {
            messages[messageID]?.userID = userID
            messages[messageID]?.run?.requestID = nil
        }
        if let share = accounts.shares[id] { accounts.shares[id] = share.stored(for: userID) }
    }

    /// Deletes everything that belongs to a user.
    mutating func deleteEverything(of userID: String, at now: Date) -> DeletedUser {
        var deleted = DeletedUser()
        for id in conversationIDs.removeValue(forKey: userID) ?? [] {
            for messageID in conversations.removeValue(forKey: id)?.messageIDs ?? [] {
                messages[messageID] = nil
                if streamingIDs.remove(messageID) != nil { deleted.runIDs.append(messageID) }
            }
            accounts.shares[id] = nil
        }
        messageIDsByRequest = messageIDsByRequest.filter { $0.key.userID != userID }
        deleted.attachmentIDs = attachments.filter { $0.value.attachment.userID == userID }.keys.sorted()
        deleted.runIDs.sort()
        for id in deleted.attachmentIDs { attachments[id] = nil }
        keys = keys.filter { $0.key.userID != userID }
        documents = documents.filter { $0.key.userID != userID }
        keyUses.removeAll { $0.userID == userID }
        let identity = accounts.userIDs.first { $0.value == userID }?.key
        quotas.move("user:\(userID)", to: identity?.formerScope, at: now)
        usage[userID] = nil
        accounts.audit[userID] = nil
        return deleted
    }
}
