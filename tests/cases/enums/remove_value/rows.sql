INSERT INTO moods (mood, old) VALUES ('ok', '{ok,sad}'); INSERT INTO moods (mood) VALUES ('sad');
