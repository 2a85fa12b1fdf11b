/** A collector writes neither NUL nor half of a surrogate pair. Escaped in data, JSON functions would return them. */
export const isPlain = `instr(data, '\\u0000') = 0 AND data NOT GLOB '*\\ud[89a-f]*'`

/**
 * Step 3 of `migrations`: the pages of a session that were entered before it, why sessions ended, and what is known from
 * sign-ins. It is published and never changes.
 */
export const step3 = `
  ALTER TABLE visits ADD COLUMN idleLimitMs INTEGER;
  ALTER TABLE sessions ADD COLUMN lastEventAt INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN endReason TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN endReasonAt INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE pages ADD COLUMN viewedAt INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE events ADD COLUMN activity INTEGER NOT NULL DEFAULT 1;

  CREATE TABLE session_pages (
    visitID TEXT NOT NULL,
    sessionID TEXT NOT NULL,
    pageID TEXT NOT NULL,
    PRIMARY KEY (visitID, sessionID, pageID)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO session_pages
    SELECT DISTINCT visitID, events.sessionID, pageID FROM events LEFT JOIN pages USING (visitID, pageID)
    WHERE events.sessionID IS NOT NULL AND pageID IS NOT NULL AND pages.sessionID IS NOT events.sessionID;
  UPDATE sessions SET lastEventAt = lastActivity;
  UPDATE sessions SET (endReason, endReasonAt) = (told.reason, told.at) FROM
    (SELECT *, row_number() OVER (PARTITION BY visitID, sessionID ORDER BY at DESC, reason DESC) AS place FROM
      (SELECT visitID, sessionID, timestamp AS at, CASE
        WHEN eventName = 'SignOut' THEN 'signed-out'
        WHEN ${isPlain} AND json_type(data, '$.reason') = 'text' THEN substr(json_extract(data, '$.reason'), 1, 256)
        ELSE '' END AS reason
        FROM events WHERE eventName IN ('SignOut', 'SessionEnded') AND sessionID IS NOT NULL)) AS told
    WHERE told.place = 1 AND told.visitID = sessions.visitID AND told.sessionID = sessions.sessionID;
  UPDATE identities SET (name, nameAt) = (told.text, told.at) FROM
    (SELECT identityId, substr(json_extract(data, '$.name'), 1, 256) AS text, timestamp AS at,
      row_number() OVER (PARTITION BY identityId ORDER BY timestamp DESC, json_extract(data, '$.name') DESC) AS place
      FROM sessions JOIN events USING (visitID, sessionID)
      WHERE eventName = 'SignIn' AND ${isPlain} AND json_type(data, '$.name') = 'text' AND json_extract(data, '$.name') <> '') AS told
    WHERE told.place = 1 AND told.identityId = identities.identityId AND (told.at, told.text) > (nameAt, name);
  UPDATE identities SET (location, locationAt) = (told.text, told.at) FROM
    (SELECT identityId, substr(json_extract(data, '$.location'), 1, 256) AS text, timestamp AS at,
      row_number() OVER (PARTITION BY identityId ORDER BY timestamp DESC, json_extract(data, '$.location') DESC) AS place
      FROM sessions JOIN events USING (visitID, sessionID)
      WHERE eventName = 'SignIn' AND ${isPlain} AND json_type(data, '$.location') = 'text' AND json_extract(data, '$.location') <> '') AS told
    WHERE told.place = 1 AND told.identityId = identities.identityId AND (told.at, told.text) > (locationAt, location);
  `
