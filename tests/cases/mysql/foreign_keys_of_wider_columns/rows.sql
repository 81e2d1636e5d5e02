INSERT INTO teams (lead_id) VALUES (NULL), (1); INSERT INTO members (team_id) VALUES (1), (2);
