import GRDB
import SimpleStreamKit

/// The full-text index.
///
/// It holds titles and the messages that are not streaming.
enum SearchIndex {
    static func addMessage(_ ordinal: Int64, _ message: Message, of userID: String, _ db: Database) throws {
        try add(rowID: 2 * ordinal, message.content, message.conversationID, userID, db)
    }

    static func setTitle(
        _ title: String, ofConversation ordinal: Int64, id: String, userID: String, _ db: Database
    ) throws {
        try db.cachedStatement(sql: "DELETE FROM search WHERE rowid = ?").execute(arguments: [2 * ordinal + 1])
        try add(rowID: 2 * ordinal + 1, title, id, userID, db)
    }

    /// Before the conversation's rows go.
    static func removeConversation(_ ordinal: Int64, id: String, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM search WHERE rowid IN (SELECT 2 * ordinal FROM messages WHERE conversation_id = ?)",
            arguments: [id])
        try db.execute(sql: "DELETE FROM search WHERE rowid = ?", arguments: [2 * ordinal + 1])
    }

    /// Gives a user's texts to another, while the rows still are the first one's.
    static func moveEverything(of userID: String, to newUserID: String, _ db: Database) throws {
        for rows in Self.rows {
            try db.execute(
                sql: "UPDATE search SET owner = ? WHERE rowid IN (\(rows))", arguments: [owner(newUserID), userID])
        }
    }

    /// Before a user's rows go.
    static func removeEverything(of userID: String, _ db: Database) throws {
        for rows in Self.rows {
            try db.execute(sql: "DELETE FROM search WHERE rowid IN (\(rows))", arguments: [userID])
        }
    }

    /// A user's rows.
    private static let rows = [
        "SELECT 2 * ordinal FROM messages WHERE user_id = ?",
        "SELECT 2 * ordinal + 1 FROM conversations WHERE user_id = ?",
    ]

    /// What to MATCH for the user's texts that hold all phrases.
    ///
    /// Every word is quoted: nothing is syntax.
    static func match(_ phrases: [SearchText.Phrase], of userID: String) -> String {
        let terms = phrases.map { phrase in
            let words = phrase.words.joined(separator: " ").replacing("\"", with: "\"\"")
            return "text : \"\(words)\"\(phrase.isPrefix ? " *" : "")"
        }
        return (["owner : \"\(owner(userID))\""] + terms).joined(separator: " AND ")
    }

    private static func add(
        rowID: Int64, _ text: String, _ conversationID: String, _ userID: String, _ db: Database
    ) throws {
        try db.cachedStatement(sql: "INSERT INTO search (rowid, owner, text, conversation_id) VALUES (?, ?, ?, ?)")
            .execute(arguments: [rowID, owner(userID), SearchText.indexed(text), conversationID])
    }

    /// The user id as one word, so that a search walks the user's own texts only.
    private static func owner(_ userID: String) -> String {
        "u" + userID.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
