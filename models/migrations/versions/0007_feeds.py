"""Feeds of rows from warehouses"""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feeds',
    sa.Column('key', sa.String(length=63), nullable=False),
    sa.Column('connection_id', sa.String(length=32), nullable=False),
    sa.Column('dataset_key', sa.String(length=63), nullable=False),
    sa.Column('sql', sa.Text(), nullable=False),
    sa.Column('schedule', sa.String(length=40), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('key_columns', sa.JSON(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=254), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ran_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('worked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('upload_id', sa.String(length=32), nullable=True),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_feeds_connection_id_connections'),
                            ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feeds')),
    sa.UniqueConstraint('key', name=op.f('uq_feeds_key'))
    )
    with op.batch_alter_table('feeds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feeds_connection_id'), ['connection_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_feeds_dataset_key'), ['dataset_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_feeds_next_at'), ['next_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('feeds', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feeds_next_at'))
        batch_op.drop_index(batch_op.f('ix_feeds_dataset_key'))
        batch_op.drop_index(batch_op.f('ix_feeds_connection_id'))

    op.drop_table('feeds')
