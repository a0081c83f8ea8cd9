extension Schema {
    /// Whoever has a clock of their own, as tests have, gives its time; null is the database's.
    static let clock = """
        CREATE FUNCTION ss_now(clock bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
            SELECT coalesce(clock, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
        $$;

        """

    /// Functions make a transaction of one round trip where what is done depends on what is there.
    ///
    /// Locks are taken in one order everywhere: conversation, message, attachments. A message comes as a list of texts in
    /// the order of `Message.columns`.
    static let functions = """
        -- When a lease given now runs out.
        CREATE FUNCTION ss_lease(clock bigint, lease bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
            SELECT least(ss_now(clock)::numeric + lease, 9223372036854775807)::bigint
        $$;

        -- The word every searched text of a user holds. Words of texts are in small letters.
        CREATE FUNCTION ss_owner(user_id text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
            SELECT 'U' || left(encode(sha256(convert_to(user_id, 'UTF8')), 'hex'), 20)
        $$;

        CREATE FUNCTION ss_index(p_text bigint, p_user text, p_conversation text, p_words text[]) RETURNS void
        LANGUAGE sql AS $$
            INSERT INTO search (text_id, part, user_id, conversation_id, words)
            SELECT p_text, n - 1, p_user, p_conversation, w::tsvector || array_to_tsvector(ARRAY[ss_owner(p_user)])
            FROM unnest(p_words) WITH ORDINALITY AS parts(w, n)
        $$;

        CREATE FUNCTION ss_add_message(
            m text[], p_parent text, p_user text, p_request text, p_hash text, p_node text, p_epoch bigint, p_until bigint
        ) RETURNS bigint LANGUAGE sql AS $$
            INSERT INTO messages (
                id, conversation_id, parent_id, role, content, provider, model, status, created_at, thinking_text,
                thinking_ms, stop_reason, error_code, error_message, error_retryable, usage, cost_micro_usd, liked,
                disliked, attachments, citations, tool_calls, provider_state, materialized_seq, user_id, request_id,
                request_hash, node, lease_epoch, lease_until
            ) VALUES (
                m[1], m[2], p_parent, m[4], m[5], m[6], m[7], m[8], m[9]::bigint, m[10], m[11]::bigint, m[12], m[13],
                m[14], m[15]::boolean, m[16], m[17]::bigint, m[18]::boolean, m[19]::boolean, m[20], m[21], m[22], m[23],
                m[24]::bigint, p_user, p_request, p_hash, p_node, p_epoch, p_until
            ) RETURNING ordinal
        $$;

        CREATE FUNCTION ss_add_usage(u text[]) RETURNS void LANGUAGE sql AS $$
            INSERT INTO usage (
                user_id, message_id, purpose, provider, model, on_operator_key, input_tokens, cached_input_tokens,
                cache_write_tokens, output_tokens, reasoning_tokens, estimated, cost_micro_usd, created_at
            ) VALUES (
                u[1], u[2], u[3], u[4], u[5], u[6]::boolean, u[7]::bigint, u[8]::bigint, u[9]::bigint, u[10]::bigint,
                u[11]::bigint, u[12]::boolean, u[13]::bigint, u[14]::bigint)
        $$;

        -- Everything is checked before anything is changed.
        CREATE FUNCTION ss_begin_run(
            p_user text, p_conversation text, p_title text, p_request text, p_hash text, p_node text, p_epoch bigint,
            p_lease bigint, p_continues boolean, p_prompt text[], p_answer text[], p_attachments text[],
            p_title_words text[], p_prompt_words text[], p_clock bigint, p_in_doubt boolean, p_most_runs bigint,
            p_charges text[], p_amounts bigint[], p_key_use text[], p_until bigint,
            OUT outcome text, OUT hit text, OUT refused bigint, OUT taken bigint, OUT resets bigint
        ) LANGUAGE plpgsql AS $$
        DECLARE
            v_now bigint := ss_now(p_clock);
            v_leaf text;
            v_parent text;
            v_hash text;
            v_place bigint;
        BEGIN
            IF ss_now(NULL) > p_until THEN
                RAISE EXCEPTION 'nobody waits for this any more' USING ERRCODE = 'SS001';
            END IF;
            IF p_in_doubt AND EXISTS (
                SELECT FROM messages WHERE id = p_answer[1] AND user_id = p_user AND request_hash = p_hash
                    AND request_id IS NOT DISTINCT FROM p_request
            ) THEN
                outcome := 'begun';
                RETURN;
            END IF;
            SELECT id, request_hash INTO hit, v_hash FROM messages WHERE user_id = p_user AND request_id = p_request;
            IF hit IS NULL AND p_title IS NULL THEN
                SELECT active_leaf_id INTO v_leaf FROM conversations
                    WHERE id = p_conversation AND user_id = p_user FOR NO KEY UPDATE;
                IF NOT FOUND THEN
                    outcome := 'notFound';
                    hit := 'conversation';
                    RETURN;
                END IF;
                -- Who held the lock may have been the same request.
                SELECT id, request_hash INTO hit, v_hash
                    FROM messages WHERE user_id = p_user AND request_id = p_request;
            END IF;
            IF hit IS NOT NULL THEN
                outcome := CASE WHEN v_hash = p_hash THEN 'duplicate' ELSE 'conflict' END;
                RETURN;
            END IF;

            IF p_prompt IS NULL THEN
                v_parent := p_answer[3];
                PERFORM FROM messages
                    WHERE id = v_parent AND conversation_id = p_conversation AND user_id = p_user AND role = 'user';
                IF NOT FOUND THEN
                    outcome := 'notFound';
                    hit := 'message';
                    RETURN;
                END IF;
            ELSIF p_continues THEN
                v_parent := v_leaf;
            ELSIF p_prompt[3] IS NOT NULL THEN
                v_parent := p_prompt[3];
                PERFORM FROM messages WHERE id = v_parent AND conversation_id = p_conversation AND user_id = p_user;
                IF NOT FOUND THEN
                    outcome := 'notFound';
                    hit := 'message';
                    RETURN;
                END IF;
            END IF;

            IF cardinality(p_attachments) > 0 THEN
                PERFORM FROM attachments WHERE id = ANY (p_attachments) ORDER BY id FOR UPDATE;
                IF cardinality(p_attachments) <> (
                    SELECT count(*) FROM attachments
                    WHERE id = ANY (p_attachments) AND user_id = p_user AND message_id IS NULL
                ) THEN
                    outcome := 'notFound';
                    hit := 'attachment';
                    RETURN;
                END IF;
            END IF;

            IF p_prompt IS NULL THEN
                SELECT id INTO hit FROM messages
                    WHERE conversation_id = p_conversation AND status = 'streaming' AND parent_id = v_parent
                    ORDER BY ordinal LIMIT 1;
            ELSE
                SELECT a.id INTO hit FROM messages AS a LEFT JOIN messages AS q ON q.id = a.parent_id
                    WHERE a.conversation_id = p_conversation AND a.status = 'streaming'
                        AND (a.id = v_parent OR (q.id IS NOT NULL AND q.parent_id IS NOT DISTINCT FROM v_parent))
                    ORDER BY a.ordinal LIMIT 1;
            END IF;
            IF hit IS NOT NULL THEN
                outcome := 'busy';
                RETURN;
            END IF;

            IF p_most_runs IS NOT NULL THEN
                -- One run of a user begins at a time, so that what is counted does not change.
                PERFORM pg_advisory_xact_lock(hashtextextended(p_user, 3));
                SELECT count(*) INTO v_place FROM messages WHERE status = 'streaming' AND user_id = p_user;
                IF v_place >= p_most_runs THEN
                    outcome := 'tooManyRuns';
                    hit := v_place::text;
                    RETURN;
                END IF;
            END IF;
            SELECT r.refused, r.taken, r.resets INTO refused, taken, resets
                FROM ss_reserve(p_answer[1], p_charges, p_amounts, p_clock) AS r;
            IF refused IS NOT NULL THEN
                outcome := 'quotaExceeded';
                RETURN;
            END IF;

            IF p_title IS NOT NULL THEN
                INSERT INTO conversations (id, user_id, title, created_at, updated_at)
                    VALUES (p_conversation, p_user, p_title, v_now, v_now) RETURNING ordinal INTO v_place;
                PERFORM ss_index(2 * v_place + 1, p_user, p_conversation, p_title_words);
            END IF;
            IF p_prompt IS NOT NULL THEN
                v_place := ss_add_message(p_prompt, v_parent, p_user, NULL, NULL, NULL, NULL, NULL);
                UPDATE attachments SET message_id = p_prompt[1] WHERE id = ANY (p_attachments);
                PERFORM ss_index(2 * v_place, p_user, p_conversation, p_prompt_words);
                v_parent := p_prompt[1];
            END IF;
            PERFORM ss_add_message(
                p_answer, v_parent, p_user, p_request, p_hash, p_node, p_epoch, ss_lease(p_clock, p_lease));
            IF p_key_use IS NOT NULL THEN
                INSERT INTO key_uses (user_id, provider, fingerprint, message_id, used_at)
                    VALUES (p_key_use[1], p_key_use[2], p_key_use[3], p_key_use[4], p_key_use[5]::bigint);
            END IF;
            UPDATE conversations SET active_leaf_id = p_answer[1], updated_at = v_now WHERE id = p_conversation;
            outcome := 'begun';
        END $$;

        CREATE FUNCTION ss_finish_run(
            p_id text, p_node text, p_epoch bigint, m text[], p_attachments text[], p_words text[], p_usage text[],
            p_clock bigint, p_in_doubt boolean, p_messages bigint, p_tokens bigint, p_micro_usd bigint
        ) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE
            v_row record;
            v_bound text[];
        BEGIN
            PERFORM FROM conversations
                WHERE id = (SELECT conversation_id FROM messages WHERE id = p_id) FOR NO KEY UPDATE;
            SELECT ordinal, user_id, conversation_id INTO v_row FROM messages
                WHERE id = p_id AND status = 'streaming' AND node = p_node AND lease_epoch = p_epoch FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                RETURN p_in_doubt AND EXISTS (
                    SELECT FROM messages WHERE id = p_id AND node = p_node AND lease_epoch = p_epoch
                        AND status = m[8] AND materialized_seq = m[24]::bigint);
            END IF;
            IF cardinality(p_attachments) > 0 THEN
                PERFORM FROM attachments WHERE id = ANY (p_attachments) ORDER BY id FOR UPDATE;
                v_bound := ARRAY (
                    SELECT a.id FROM unnest(p_attachments) WITH ORDINALITY AS asked(id, n) JOIN attachments AS a USING (id)
                    WHERE a.user_id = v_row.user_id AND coalesce(a.message_id, p_id) = p_id
                    GROUP BY a.id ORDER BY min(n));
                UPDATE attachments SET message_id = p_id WHERE id = ANY (v_bound);
            END IF;
            UPDATE messages SET
                content = m[5], provider = m[6], model = m[7], status = m[8], thinking_text = m[10],
                thinking_ms = m[11]::bigint, stop_reason = m[12], error_code = m[13], error_message = m[14],
                error_retryable = m[15]::boolean, usage = m[16], cost_micro_usd = m[17]::bigint,
                attachments = CASE WHEN cardinality(v_bound) > 0 THEN to_json(v_bound)::text END, citations = m[21],
                tool_calls = m[22], provider_state = m[23], materialized_seq = m[24]::bigint, lease_until = NULL
                WHERE ordinal = v_row.ordinal;
            PERFORM ss_index(2 * v_row.ordinal, v_row.user_id, v_row.conversation_id, p_words);
            UPDATE conversations SET updated_at = ss_now(p_clock) WHERE id = v_row.conversation_id;
            PERFORM ss_settle(p_id, p_messages, p_tokens, p_micro_usd);
            IF p_usage IS NOT NULL THEN
                -- A guest may have become somebody.
                p_usage[1] := v_row.user_id;
                PERFORM ss_add_usage(p_usage);
            END IF;
            RETURN true;
        END $$;

        """
}
