-- expect: WARN SET NOT NULL on email reads all of users
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
-- ok
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
-- ok
ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
-- ok
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- expect: WARN SET NOT NULL on name reads all of people
ALTER TABLE people ALTER name SET NOT NULL;

-- next: few rows
-- sizes: users=40
-- expect: INFO SET NOT NULL
ALTER TABLE users ALTER COLUMN email SET NOT NULL;

-- next: a constraint counts from where it is validated to where it is dropped
ALTER TABLE users ADD CONSTRAINT c CHECK ("Name" IS NOT NULL) NOT VALID;
-- expect: WARN SET NOT NULL on Name reads all of users
ALTER TABLE users ALTER COLUMN "Name" SET NOT NULL;
-- ok
ALTER TABLE users ALTER COLUMN "Name" DROP NOT NULL;
ALTER TABLE users VALIDATE CONSTRAINT c;
-- ok
ALTER TABLE users ALTER COLUMN "Name" SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT c;
-- expect: WARN SET NOT NULL on Name
ALTER TABLE users ALTER COLUMN "Name" SET NOT NULL;

-- next: a constraint that is not NOT VALID
ALTER TABLE users ADD CHECK (name IS NOT NULL);
-- ok
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
