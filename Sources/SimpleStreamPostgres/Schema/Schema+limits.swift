extension Schema {
    /// Quotas, and what the vault needs: uses of keys and the canary.
    static let limits = """
        CREATE TABLE quota_use (
            key text COLLATE "C" NOT NULL,
            starts_at bigint NOT NULL,
            ends_at bigint NOT NULL,
            used bigint NOT NULL,
            PRIMARY KEY (key, starts_at)
        );
        CREATE INDEX quota_use_by_end ON quota_use(ends_at);

        -- No reference to messages: what a deleted run had reserved is settled all the same.
        CREATE TABLE quota_reservations (
            message_id text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            starts_at bigint NOT NULL,
            unit text NOT NULL,
            amount bigint NOT NULL,
            PRIMARY KEY (message_id, key)
        );

        -- No reference to messages: what a key was used for stays known.
        CREATE TABLE key_uses (
            ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            provider text COLLATE "C" NOT NULL,
            fingerprint text,
            message_id text COLLATE "C" NOT NULL,
            used_at bigint NOT NULL
        );
        CREATE INDEX key_uses_by_user ON key_uses(user_id, ordinal);

        CREATE TABLE vault_canary (
            id integer PRIMARY KEY CHECK (id = 1),
            key_id text NOT NULL,
            nonce bytea NOT NULL,
            ciphertext bytea NOT NULL,
            tag bytea NOT NULL
        );

        CREATE INDEX messages_streaming_by_user ON messages(user_id) WHERE status = 'streaming';

        -- Changes that would count twice when they are done again after a broken connection. Kept for a day.
        CREATE TABLE changes_made (
            id text COLLATE "C" PRIMARY KEY,
            made_at bigint NOT NULL
        );
        CREATE INDEX changes_made_by_time ON changes_made(made_at);

        CREATE FUNCTION ss_first_time(p_id text) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM changes_made WHERE id IN (
                SELECT id FROM changes_made WHERE made_at < ss_now(NULL) - 86400000 LIMIT 100 FOR UPDATE SKIP LOCKED);
            INSERT INTO changes_made (id, made_at) VALUES (p_id, ss_now(NULL)) ON CONFLICT (id) DO NOTHING;
            RETURN FOUND;
        END $$;

        -- The day or month of UTC that holds a time.
        CREATE FUNCTION ss_span(p_period text, p_at bigint, OUT starts bigint, OUT ends bigint)
        LANGUAGE sql IMMUTABLE AS $$
            SELECT (extract(epoch FROM begin) * 1000)::bigint,
                (extract(epoch FROM begin + ('1 ' || p_period)::interval) * 1000)::bigint
            FROM (SELECT date_trunc(p_period, timestamp 'epoch' + p_at * interval '1 millisecond') AS begin) AS period
        $$;

        -- What charges come to: the period they count in, what the run has reserved, what is asked besides.
        CREATE FUNCTION ss_charges(p_message text, p_charges text[], p_amounts bigint[], p_now bigint)
        RETURNS TABLE (n bigint, key text, unit text, room bigint, amount bigint, more bigint, starts bigint, ends bigint)
        LANGUAGE sql STABLE AS $$
            SELECT i::bigint, c.key, p_charges[3 * i], p_amounts[2 * i], c.amount, c.amount - coalesce(r.amount, 0), s.starts, s.ends
            FROM generate_series(1, cardinality(p_charges) / 3) AS i
            CROSS JOIN LATERAL (
                SELECT p_charges[3 * i - 2] AS key, least(p_amounts[2 * i - 1], 1152921504606846976) AS amount
            ) AS c
            LEFT JOIN quota_reservations AS r ON r.message_id = p_message AND r.key = c.key
            CROSS JOIN LATERAL ss_span(p_charges[3 * i - 1], coalesce(r.starts_at, p_now)) AS s
        $$;

        -- Makes the sums of charges, locked in one order; with the first of a period, those that are over are forgotten.
        CREATE FUNCTION ss_lock_quotas(p_message text, p_charges text[], p_amounts bigint[], p_now bigint) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            c record;
        BEGIN
            FOR c IN SELECT * FROM ss_charges(p_message, p_charges, p_amounts, p_now) AS a ORDER BY a.key, a.starts LOOP
                PERFORM FROM quota_use AS q WHERE q.key = c.key AND q.starts_at = c.starts FOR NO KEY UPDATE;
                CONTINUE WHEN FOUND;
                DELETE FROM quota_use AS q WHERE (q.key, q.starts_at) IN (
                    SELECT o.key, o.starts_at FROM quota_use AS o
                    WHERE o.ends_at <= p_now LIMIT 1000 FOR UPDATE SKIP LOCKED);
                INSERT INTO quota_use AS q (key, starts_at, ends_at, used) VALUES (c.key, c.starts, c.ends, 0)
                    ON CONFLICT (key, starts_at) DO UPDATE SET used = q.used;
            END LOOP;
        END $$;

        -- Reserves all of the charges, or says which one does not fit, and how much of it is taken.
        CREATE FUNCTION ss_reserve(
            p_message text, p_charges text[], p_amounts bigint[], p_clock bigint,
            OUT refused bigint, OUT taken bigint, OUT resets bigint
        ) LANGUAGE plpgsql AS $$
        DECLARE
            v_now bigint := ss_now(p_clock);
            c record;
        BEGIN
            IF cardinality(p_charges) = 0 THEN
                RETURN;
            END IF;
            PERFORM ss_lock_quotas(p_message, p_charges, p_amounts, v_now);
            FOR c IN SELECT * FROM ss_charges(p_message, p_charges, p_amounts, v_now) AS a ORDER BY a.n LOOP
                SELECT q.used INTO taken FROM quota_use AS q WHERE q.key = c.key AND q.starts_at = c.starts;
                IF c.more > 0 AND c.more > c.room - taken THEN
                    refused := c.n;
                    resets := c.ends;
                    RETURN;
                END IF;
            END LOOP;
            FOR c IN SELECT * FROM ss_charges(p_message, p_charges, p_amounts, v_now) AS a ORDER BY a.n LOOP
                UPDATE quota_use AS q SET used = greatest(0, least(1152921504606846976, q.used + c.more))
                    WHERE q.key = c.key AND q.starts_at = c.starts;
                INSERT INTO quota_reservations (message_id, key, starts_at, unit, amount)
                    VALUES (p_message, c.key, c.starts, c.unit, c.amount)
                    ON CONFLICT (message_id, key) DO UPDATE SET amount = EXCLUDED.amount;
            END LOOP;
        END $$;

        -- Counts what a run came to in place of what it had reserved; null counts what was reserved.
        CREATE FUNCTION ss_settle(p_message text, p_messages bigint, p_tokens bigint, p_micro_usd bigint) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            r record;
            v_amount bigint;
        BEGIN
            FOR r IN SELECT * FROM quota_reservations WHERE message_id = p_message ORDER BY key FOR UPDATE LOOP
                v_amount := CASE r.unit
                    WHEN 'messages' THEN p_messages WHEN 'tokens' THEN p_tokens WHEN 'micro_usd' THEN p_micro_usd END;
                CONTINUE WHEN v_amount IS NULL;
                UPDATE quota_use SET used = greatest(0, least(
                        1152921504606846976, used + least(v_amount, 1152921504606846976) - r.amount))
                    WHERE key = r.key AND starts_at = r.starts_at;
            END LOOP;
            DELETE FROM quota_reservations WHERE message_id = p_message;
        END $$;

        CREATE FUNCTION ss_spend(p_charges text[], p_amounts bigint[], p_clock bigint) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            v_now bigint := ss_now(p_clock);
            c record;
        BEGIN
            PERFORM ss_lock_quotas('', p_charges, p_amounts, v_now);
            FOR c IN SELECT * FROM ss_charges('', p_charges, p_amounts, v_now) AS a LOOP
                UPDATE quota_use AS q SET used = greatest(0, least(1152921504606846976, q.used + c.amount))
                    WHERE q.key = c.key AND q.starts_at = c.starts;
            END LOOP;
        END $$;

        """

    /// What deleted users had taken of quotas.
    static let formerUsers = """
        -- What was taken in one scope and still counts does so in another from now on; null forgets it. A scope's keys are
        -- `<scope>|...`, and `}` comes after `|`.
        CREATE FUNCTION ss_move_quotas(p_from text, p_to text, p_clock bigint) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            v_now bigint := ss_now(p_clock);
        BEGIN
            IF p_to IS NOT NULL THEN
                INSERT INTO quota_use AS q (key, starts_at, ends_at, used)
                    SELECT p_to || substr(o.key, length(p_from) + 1), o.starts_at, o.ends_at, o.used FROM quota_use AS o
                    WHERE o.key >= p_from || '|' AND o.key < p_from || '}' AND o.ends_at > v_now
                    ON CONFLICT (key, starts_at) DO UPDATE SET used = q.used + EXCLUDED.used;
            END IF;
            DELETE FROM quota_use AS o WHERE o.key >= p_from || '|' AND o.key < p_from || '}';
        END $$;

        """
}
