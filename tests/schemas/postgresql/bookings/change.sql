ALTER TABLE bookings ADD COLUMN guest text;
CREATE OR REPLACE VIEW today AS SELECT room, during FROM bookings WHERE during && tstzrange(current_date, current_date + 1, '[]');
ALTER TABLE bookings ADD CHECK (NOT isempty(during));
